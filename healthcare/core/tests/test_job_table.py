"""Does the README say what each queue carries, as the code has it?"""

from pathlib import Path

from healthcare.core import job_table
from healthcare.core.job_queues import names

README = Path(__file__).resolve().parents[1] / "README.md"


def test_the_readme_lists_the_jobs_of_each_queue():
    told = README.read_text().partition("<!-- jobs -->\n")[2].partition("<!-- /jobs -->")[0]
    assert told.splitlines() == job_table.lines(), "put what `manage.py queues --jobs` prints between its marks"


def test_each_queue_has_a_row_and_a_job_names_the_verb_it_calls():
    rows = job_table.lines()[2:]
    assert [row.split(" | ")[0].removeprefix("| ") for row in rows] == names()
    (messages,) = [row for row in rows if row.startswith("| notification ")]
    assert "`notification.send` → notifications.telling.choose_channel" in messages
