"""Do the two parts of the tests keep apart, and are they counted together?"""

import pytest

from healthcare.embedded.testing import _report_of_its_own, _sum


@pytest.mark.parametrize(
    ("word", "own"),
    [
        ("--junitxml=a/tests.xml", "--junitxml=a/tests-e2e.xml"),
        ("--junit-xml=report", "--junit-xml=report-e2e"),
        ("--color=no", "--color=no"),
        ("accounts", "accounts"),
    ],
)
def test_each_part_writes_a_report_of_its_own(word, own):
    assert _report_of_its_own(word) == own


def test_both_closing_lines_are_added_up():
    unit = "...\n===== 1 failed, 1400 passed, 61 deselected in 200.31s (0:03:20) =====\n"
    e2e = "== 59 passed, 2 skipped, 1402 deselected, 1 error in 180.00s (0:03:00) ==\n"
    assert _sum(unit, e2e) == "1459 passed, 2 failed, 2 skipped"


def test_a_part_that_said_nothing_counts_nothing():
    assert _sum("", "== 3 passed in 1.00s ==") == "3 passed, 0 failed"
