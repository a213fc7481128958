"""What do the tests of a clinic's whole life stand on?"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from clinics.tests import filled


@pytest.fixture
def west(committed: None) -> Iterator[Any]:
    """A clinic of one test's own, with something in every corner; south has something too."""
    yield filled.opened()
    filled.forget_what_tests_made()


@pytest.fixture
def archive(west: Any, tmp_path: Path) -> Path:
    """An export of west, with people."""
    return filled.export(west, tmp_path / "west.tar", with_people=True)
