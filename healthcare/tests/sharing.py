"""Which tests stay in one process when several share them? Those of a file; and all that play against the running product.

The longest come first, so that no process is left alone with one of them at the end.
"""

import pytest

PRODUCT = "product"
LONG = (
    PRODUCT,
    "healthcare/embedded/tests/test_development.py",
    "clinics/tests/test_migrating.py",
    "clinics/tests/test_restore.py",
    "clinics/tests/test_delete.py",
    "healthcare/embedded/tests/test_services.py",
    "healthcare/core/tests/test_realtime_hub.py",
    "healthcare/probe/tests/test_planted_faults.py",
)


def share(items: list[pytest.Item]) -> None:
    """Name each test's group for pytest-xdist, and put the longest groups first."""
    groups = {item: group_of(item) for item in items}
    for item, group in groups.items():
        item.add_marker(pytest.mark.xdist_group(group))
    rank = {group: number for number, group in enumerate(LONG)}
    items.sort(key=lambda item: rank.get(groups[item], len(LONG)))


def group_of(item: pytest.Item) -> str:
    """A product takes long to start: one process has it for all its tests."""
    uses_product = PRODUCT in getattr(item, "fixturenames", ())
    return PRODUCT if uses_product else item.nodeid.partition("::")[0]
