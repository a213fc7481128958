"""Which tests stay in one process when several share them? Those of a file; and all that play against the running product.

The longest come first, so that no process is left alone with one of them at the end. (Groups by mark, pytest-xdist's own way,
do not work with pytest 9.2: it writes them into a private attribute that is no longer read.)
"""

import fnmatch
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

PRODUCT = "product"  # takes long to start: one process has it for all its tests
PRODUCT_FILES = ("healthcare/tests/e2e/*", "*/test_*_browser.py")
LAST = ("test_job_storm",)  # of the product's: it takes the times that others want to book
LONG = (
    PRODUCT,
    "healthcare/probe/tests/test_bad_input.py",
    "healthcare/embedded/tests/test_development.py",
    "healthcare/probe/tests/test_probe.py",
    "healthcare/embedded/tests/test_first_start.py",
    "healthcare/embedded/tests/test_services.py",
    "healthcare/probe/tests/test_planted_faults.py",
    "clinics/tests/test_migrating.py",
    "clinics/tests/test_restore.py",
    "healthcare/core/tests/test_realtime_hub.py",
    "healthcare/probe/tests/test_wrong_reads.py",
    "clinics/tests/test_delete.py",
)


class ByFile(LoadScopeScheduling):
    def _split_scope(self, nodeid: str) -> str:
        return group_of(nodeid)


def scheduler(config: Any, log: Any) -> ByFile:
    config.option.loadscopereorder = False  # by number of tests; ours are by length
    return ByFile(config, log)


def longest_first(items: list[pytest.Item]) -> None:
    rank = {group: number for number, group in enumerate(LONG)}
    items.sort(key=lambda item: (rank.get(group_of(item.nodeid), len(LONG)), _lateness(item.nodeid)))


def _lateness(nodeid: str) -> int:
    return next((number for number, name in enumerate(LAST, 1) if name in nodeid), 0)


def group_of(nodeid: str) -> str:
    file = nodeid.partition("::")[0]
    return PRODUCT if any(fnmatch.fnmatch(file, pattern) for pattern in PRODUCT_FILES) else file
