"""Is the published table of the workflow the one that the code obeys?"""

from pathlib import Path

from appointments.workflow import BY_VERB, STEPS
from appointments.workflow_table import EVENTS, markdown

PUBLISHED = Path(__file__).resolve().parents[2] / "docs" / "workflow.md"


def test_the_page_is_what_the_code_says() -> None:
    assert PUBLISHED.read_text() == markdown()


def test_each_step_is_one_row_and_each_named_event_is_of_a_step() -> None:
    rows = [line for line in markdown().splitlines() if line.startswith("| ") and not line.startswith("| step")]
    assert (len(rows), set(EVENTS) <= set(BY_VERB)) == (len(STEPS), True)
