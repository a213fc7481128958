"""Can health data reach the log? Planted words in every place a value could slip through."""

import io
import json
import logging
import subprocess
import sys
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from healthcare.core.context import acting_as
from healthcare.core.tenancy import on_platform
from monitoring.logs import Line
from monitoring.trail.tests import rows

CANARY = "Zubeida-Okonkwo-1990"
log = logging.getLogger("healthcare.tests")


@pytest.fixture
def lines() -> Iterator[Any]:
    """What was logged, one parsed line each."""
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.setFormatter(Line())
    root = logging.getLogger()
    root.addHandler(handler)
    yield lambda: [json.loads(text) for text in out.getvalue().splitlines()]
    root.removeHandler(handler)


def test_an_event_has_its_name_request_and_listed_fields(lines: Any):
    with acting_as(request_id="request-0001"):
        log.warning("job.failed", extra={"job": "mail.send", "ms": 12.5, "state": "dead"})
    (line,) = lines()
    assert {k: line[k] for k in ("level", "logger", "event", "request_id", "job", "ms", "state")} == {
        "level": "WARNING",
        "logger": "healthcare.tests",
        "event": "job.failed",
        "request_id": "request-0001",
        "job": "mail.send",
        "ms": 12.5,
        "state": "dead",
    }


def test_the_clinic_is_named_by_id(lines: Any, in_north: Any):
    log.info("something")
    log.warning("something.else")
    assert lines()[-1]["clinic"] == str(in_north.id)


def test_arguments_of_a_message_are_left_out(lines: Any):
    log.error("can't greet %s", CANARY)
    assert lines()[0]["event"] == "can't greet %s"
    assert CANARY not in json.dumps(lines())


def test_a_message_put_together_beforehand_is_replaced_by_its_place(lines: Any):
    log.error(f"can't greet {CANARY}")
    assert CANARY not in json.dumps(lines())
    assert lines()[0]["event"].startswith("test_a_message_put_together")


def test_extras_that_are_not_listed_are_left_out(lines: Any):
    log.error("something", extra={"patient": CANARY, "path": f"/patients/{CANARY}"})
    assert set(lines()[0]) == {"ts", "level", "logger", "event", "request_id"}


def test_a_listed_extra_that_is_no_code_is_masked(lines: Any):
    log.error("something", extra={"error": "Key (phone)=(+9198) exists", "state": "two words"})
    assert (lines()[0]["error"], lines()[0]["state"]) == ("•", "•")


def test_an_exception_is_its_class_its_causes_and_where_it_passed(lines: Any):
    try:
        try:
            raise KeyError(CANARY)
        except KeyError as error:
            raise ValueError(f"no {CANARY}") from error
    except ValueError:
        log.exception("something")
    (line,) = lines()
    assert (line["error"], line["caused_by"]) == ("ValueError", ["KeyError"])
    assert line["frames"][-1].startswith("monitoring/tests/test_logs.py:")
    assert CANARY not in json.dumps(line)


@pytest.mark.django_db
def test_the_databases_detail_stays_out(lines: Any, north: Any):
    with on_platform():
        row = rows.saved(rows.clinic())
        twin = rows.clinic()
        twin.slug = row.slug
        try:
            with transaction.atomic():
                twin.save(force_insert=True)
        except IntegrityError as error:
            assert row.slug in str(error)  # it is there to be leaked
            log.exception("something")
    assert (lines()[0]["error"], lines()[0]["caused_by"]) == ("IntegrityError", ["UniqueViolation"])
    assert row.slug not in json.dumps(lines())


@pytest.mark.django_db
def test_a_request_is_one_line_with_its_route_and_never_its_address(lines: Any, api: Any):
    api("receptionist").get(f"/patients/{(unknown := uuid4())}?name={CANARY}")
    line = [found for found in lines() if found["event"] == "request"][-1]
    assert (line["route"], line["method"], line["status"]) == ("patients/<uuid:patient_id>", "GET", 404)
    assert CANARY not in json.dumps(lines())
    assert str(unknown) not in json.dumps(lines())


@pytest.mark.django_db
def test_an_address_that_leads_nowhere_is_not_repeated(lines: Any, api: Any):
    api().get(f"/nowhere/{CANARY}")
    assert [found["route"] for found in lines() if found["event"] == "request"] == ["unmatched"]
    assert CANARY not in json.dumps(lines())


def test_what_nobody_caught_is_a_line_without_its_text():
    program = (
        "import logging; from monitoring.logs import configure; configure({'level': 'INFO'})\n"
        f"import threading\nthreading.Thread(target=lambda: 1 / 0).start()\nraise ValueError('{CANARY}')\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=60)
    errors = [json.loads(line)["error"] for line in done.stdout.splitlines()]
    assert sorted(errors) == ["ValueError", "ZeroDivisionError"]
    assert CANARY not in done.stdout + done.stderr
    assert done.returncode == 1


def test_lines_that_cannot_be_made_do_not_end_the_program(lines: Any):
    record = log.makeRecord(log.name, logging.ERROR, __file__, 1, object(), (), None)
    assert json.loads(Line().format(record))["level"] == "ERROR"


def test_a_warning_is_its_category_and_its_place(lines: Any):
    logging.getLogger("py.warnings").warning(f"/x/site-packages/a/b.py:7: UserWarning: no {CANARY}\n  code")
    (line,) = lines()
    assert (line["event"], line["error"], line["frames"]) == ("warning", "UserWarning", ["a/b.py:7"])
    assert CANARY not in json.dumps(line)
