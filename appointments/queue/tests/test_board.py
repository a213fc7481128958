"""Does the desk's board show what it should and no more, and answer its script?"""

import logging
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import signed_in
from appointments.queue import board, verbs
from appointments.queue.board_rows import CLICKS, board_of, room
from appointments.queue.models import Queue, Token
from appointments.queue.tests import make as queues
from appointments.queue.tests.desk import BOARD, BY_SCRIPT, NOW, Browser, messages_of, press, status_of, text_of
from healthcare.core.keystore import keys
from healthcare.tests import make

pytestmark = pytest.mark.django_db


# -- refusals, and the script's way


def test_a_refusal_is_shown_with_its_reasons(desk: Client, queue: Queue) -> None:
    token = queues.walk_in(queue)
    press(desk, token, "start")
    said = messages_of(press(desk, token, "recall"))[-1]
    assert said == (
        "The token is not in a status from which this can be done. recall follows called, skipped; this token is serving."
    )
    assert "this token is serving" in text_of(desk)


def test_the_script_gets_the_sentence_or_the_problem(desk: Client, queue: Queue) -> None:
    queues.walk_in(queue)
    path = f"{BOARD}queues/{queue.pk}/call-next"
    done, empty = (desk.post(path, headers=BY_SCRIPT) for _ in range(2))
    assert (done.status_code, done.json()) == (200, {"said": "A-001 is called to Room 4."})
    assert (empty.status_code, empty.json()["code"], empty["Content-Type"]) == (409, "queue_empty", "application/problem+json")


def test_the_fragment_is_sent_once_until_something_changes(desk: Client, queue: Queue) -> None:
    queues.walk_in(queue)
    first = desk.get(NOW)
    same = desk.get(NOW, headers={"If-None-Match": first["ETag"]})
    assert (first.status_code, same.status_code, same.content) == (200, 304, b"")
    assert "no-store" in first["Cache-Control"]
    assert b"<html" not in first.content
    desk.post(f"{BOARD}queues/{queue.pk}/call-next")
    assert desk.get(NOW, headers={"If-None-Match": first["ETag"]}).status_code == 200


def test_two_desks_see_each_others_calls(desk: Client, browser: Browser, queue: Queue) -> None:
    queues.walk_in(queue)
    other = browser("nurse")
    desk.post(f"{BOARD}queues/{queue.pk}/call-next")
    assert "<strong>A-001</strong>" in text_of(other, NOW)


def test_the_page_has_no_script_of_its_own(desk: Client, queue: Queue) -> None:
    page = text_of(desk, NOW)
    assert ("<script" in page, " on" + "click=" in page, "style=" in page) == (False, False, False)


# -- what is shown


def test_one_queue_alone_can_be_looked_at_and_clicks_come_back_to_it(desk: Client, queue: Queue) -> None:
    other = queues.queue(name="Dr Vale")
    queues.walk_in(other)
    page = text_of(desk, f"{BOARD}?queue={other.pk}")
    assert (f'id="part-{other.pk}"' in page, f'id="part-{queue.pk}"' in page) == (True, False)
    assert desk.post(f"{BOARD}queues/{other.pk}/call-next?queue={other.pk}")["Location"] == f"{BOARD}?queue={other.pk}"
    for strange in ("x", str(uuid4()), "' or 1"):
        assert f'id="part-{queue.pk}"' in text_of(desk, f"{BOARD}?queue={strange}")


def test_queues_with_people_waiting_stand_first(member: Any, queue: Queue) -> None:
    busy = queues.queue(name="Dr Vale")
    queues.walk_in(busy)
    assert [card.id for card in board_of(member("receptionist"), now=timezone.now()).cards] == [busy.id, queue.id]


@pytest.mark.parametrize(
    ("desk_", "said"), [("3", "Room 3"), ("U8", "Room U8"), ("Room 4", "Room 4"), ("Chamber B", "Chamber B")]
)
def test_a_bare_number_is_said_as_a_room(desk_: str, said: str) -> None:
    assert room(desk_) == said


def test_closed_queues_are_not_shown(desk: Client, queue: Queue) -> None:
    Queue.objects.filter(pk=queue.pk).update(is_open=False)
    assert f'id="part-{queue.pk}"' not in text_of(desk)


def test_the_desk_reads_names_and_a_doctor_only_of_those_they_treat(browser: Browser, queue: Queue) -> None:
    queues.walk_in(queue, patient=make.patient(last_name="Quillfeather"))
    doctor = browser("doctor")
    assert "Quillfeather" in text_of(browser("receptionist"))
    assert "Quillfeather" not in text_of(doctor)
    assert "Name not for your role" in text_of(doctor)


def test_who_was_erased_leaves_the_board_standing(desk: Client, queue: Queue) -> None:
    patient = make.patient(last_name="Quillfeather")
    queues.walk_in(queue, patient=patient)
    keys.destroy(patient.seal_scope())
    page = text_of(desk)
    assert ("Quillfeather" in page, "erased" in page) == (False, True)


def test_names_are_in_no_log_message_or_address(desk: Client, in_north: Any, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    row = queues.appointment(
        make.practitioner(), starts_in=5, patient=make.patient(first_name="Zephyrine", last_name="Quillfeather")
    )
    assert "Quillfeather" in text_of(desk)
    answers = [desk.post(f"{BOARD}appointments/{row.pk}/check-in")]
    token = Token.objects.get(appointment=row)
    answers += [press(desk, token, verb) for verb in ("start", "start", "finish")]
    told = caplog.text + "".join(f"{messages_of(a)}{a['Location']}{a.cookies.output()}" for a in answers)
    assert [name for name in ("Zephyrine", "Quillfeather") if name in told] == []


def test_every_click_the_table_of_verbs_allows_is_offered(desk: Client, queue: Queue) -> None:
    assert {*CLICKS, "undo"} == set(board.VERBS)
    for status in ("waiting", "called", "serving", "held", "skipped"):
        Token.objects.filter(queue=queue).update(status="finished")
        token = queues.walk_in(queue)
        Token.objects.filter(pk=token.pk).update(status=status)
        page = text_of(desk)
        offered = {name for name in CLICKS if f'id="{name}-{token.pk}"' in page}
        assert offered == {name for name in CLICKS if status in verbs.BY_NAME[name].sources}, status


def test_undo_is_offered_only_where_it_works(desk: Client, queue: Queue) -> None:
    token = queues.walk_in(queue)
    assert f'id="undo-{token.pk}"' not in text_of(desk)
    press(desk, token, "start")
    press(desk, token, "finish")
    assert f'id="undo-{token.pk}"' in text_of(desk)  # among those just finished
    press(desk, token, "undo")
    assert status_of(token) == "serving"
    assert f'id="undo-{token.pk}"' not in text_of(desk)


def test_the_board_costs_the_same_for_one_of_everything_and_for_three(desk: Client, in_north: Any) -> None:
    costs = []
    for more in (1, 2):
        for number in range(more):
            doctor = make.practitioner(name=f"Dr {more}{number}")
            queues.arrived(doctor, starts_in=5)
            queues.walk_in(queues.queue(practitioner=doctor), patient=make.patient())
            queues.appointment(doctor, starts_in=30)
        desk.get(BOARD)
        keys.forget(), signed_in.forget()  # what is remembered for a second may have been, or not
        with CaptureQueriesContext(connection) as clinic, CaptureQueriesContext(connections["keystore"]) as store:
            desk.get(BOARD)
        costs.append((len([q for q in clinic if "set_config" not in q["sql"]]), len(store)))
    assert costs[0] == costs[1]


def test_past_days_can_be_looked_up_and_not_changed(desk: Client, browser: Browser, queue: Queue) -> None:
    queues.walk_in(queue)
    one = f"/admin/queue/queue/{queue.pk}/change/"
    page = text_of(desk, one)
    assert ("A-001" in page, 'name="_save"' in page) == (True, False)
    assert f'href="{one}' in text_of(desk, "/admin/queue/queue/")
    assert browser("auditor").get("/admin/queue/queue/").status_code == 403
