"""Does the desk's board do what its buttons say, for whom it may, and show what it should and no more?"""

import logging
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import signed_in
from accounts.models import User
from appointments.queue import board, verbs
from appointments.queue.board_rows import CLICKS, board_of, room
from appointments.queue.models import Queue, Token
from appointments.queue.services import calling
from appointments.queue.tests import make as queues
from healthcare.core.keystore import keys
from healthcare.core.tenancy import in_clinic, on_platform
from healthcare.tests import make

pytestmark = pytest.mark.django_db
BOARD, NOW = "/admin/queue/board/", "/admin/queue/board/now"
Browser = Callable[..., Client]
BY_SCRIPT = {"Accept": "application/json"}


@pytest.fixture
def browser(member: Any) -> Browser:
    def signed_in(role: str, clinic: Any = None, **more: Any) -> Client:
        client = Client(**more)
        with on_platform():
            client.force_login(User.objects.get(pk=member(role, clinic=clinic).user_id))
        return client

    return signed_in


@pytest.fixture
def desk(browser: Browser) -> Client:
    return browser("receptionist")


@pytest.fixture
def queue(in_north: Any) -> Queue:
    return queues.queue()


def press(client: Client, token: Token, verb: str, **fields: Any) -> Any:
    return client.post(f"{BOARD}tokens/{token.pk}/{verb}", fields)


def messages_of(answer: Any) -> list[str]:
    return [str(message) for message in answer.wsgi_request._messages]


def status_of(token: Token) -> str:
    return str(Token.objects.values_list("status", flat=True).get(pk=token.pk))


def text_of(client: Client, path: str = BOARD) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return str(answer.content.decode())


# -- who may


@pytest.mark.parametrize("role", ["receptionist", "medical_assistant", "clinic_admin", "nurse", "doctor"])
def test_who_runs_queues_opens_the_board_and_finds_it_in_the_sidebar(role: str, browser: Browser, queue: Queue) -> None:
    client = browser(role)
    assert client.get(BOARD).status_code == 200
    assert text_of(client, "/admin/").count(f'href="{BOARD}"') == 2  # sidebar and start page


@pytest.mark.parametrize("role", ["auditor", "data_analyst", "super_admin", "support"])
def test_others_do_not(role: str, browser: Browser, queue: Queue) -> None:
    token = queues.walk_in(queue)
    client = browser(role)
    posts = [f"{BOARD}queues/{queue.pk}/call-next", f"{BOARD}tokens/{token.pk}/start", f"{BOARD}open"]
    answers = [client.get(BOARD), client.get(NOW), *(client.post(path) for path in posts)]
    assert [answer.status_code for answer in answers] == [403] * 5
    assert BOARD not in text_of(client, "/admin/")
    assert status_of(token) == "waiting"


def test_who_is_not_signed_in_is_sent_to_the_sign_in(queue: Queue) -> None:
    assert Client().get(BOARD)["Location"].startswith("/admin/login/")
    assert Client().post(f"{BOARD}queues/{queue.pk}/call-next").status_code == 302


def test_what_is_another_clinics_is_not_found(desk: Client, south: Any) -> None:
    with in_clinic(south):
        there = queues.queue()
        token = queues.walk_in(there)
        row = queues.appointment(there.practitioner)
    paths = [
        f"queues/{there.pk}/call-next", f"queues/{there.pk}/walk-in", f"tokens/{token.pk}/start",
        f"tokens/{token.pk}/first", f"appointments/{row.pk}/check-in",
    ]  # fmt: skip
    assert [desk.post(BOARD + path).status_code for path in paths] == [404] * 5
    assert desk.post(f"{BOARD}open", {"practitioner": there.practitioner_id}).status_code == 404
    assert token.number not in text_of(desk)


def test_a_click_needs_the_forms_token(browser: Browser, queue: Queue) -> None:
    queues.walk_in(queue)
    strict = browser("receptionist", enforce_csrf_checks=True)
    path = f"{BOARD}queues/{queue.pk}/call-next"
    assert strict.post(path).status_code == 403
    strict.get(BOARD)
    assert strict.post(path, {"csrfmiddlewaretoken": strict.cookies["csrftoken"].value}).status_code == 302


def test_a_click_is_never_a_link(desk: Client, queue: Queue) -> None:
    token = queues.walk_in(queue)
    paths = (f"queues/{queue.pk}/call-next", f"tokens/{token.pk}/start", "open")
    assert [desk.get(BOARD + path).status_code for path in paths] == [405] * 3


# -- what each button does


def test_call_next_calls_who_is_first_and_says_so(desk: Client, queue: Queue) -> None:
    first, second = queues.walk_in(queue), queues.walk_in(queue)
    answer = desk.post(f"{BOARD}queues/{queue.pk}/call-next")
    assert (answer.status_code, answer["Location"]) == (302, BOARD)
    assert (status_of(first), status_of(second)) == ("called", "waiting")
    assert messages_of(answer) == ["A-001 is called to Room 4."]
    assert 'id="part-call" aria-live="polite"' in text_of(desk)


@pytest.mark.parametrize(
    ("before", "verb", "after"),
    [
        (["call"], "recall", "called"),
        (["call"], "skip", "skipped"),
        ([], "hold", "held"),
        (["hold"], "resume", "waiting"),
        (["call"], "start", "serving"),
        (["start"], "finish", "finished"),
        (["start"], "undo", "waiting"),
    ],
)
def test_each_click_brings_the_token_where_it_says(
    desk: Client, queue: Queue, before: list[str], verb: str, after: str
) -> None:
    token, now = queues.walk_in(queue), timezone.now()
    for name in before:
        if name == "call":
            calling.call_next(queue=queue, by=None, now=now)
        else:
            getattr(calling, name)(token=token, by=None, now=now)
    assert f'id="{verb}-{token.pk}"' in text_of(desk)  # the button is there
    answer = press(desk, token, verb)
    assert (answer.status_code, status_of(token)) == (302, after)
    assert messages_of(answer)[0].startswith("A-001 is " if verb != "start" else "A-001 has gone in")


def test_a_click_is_the_persons_own(browser: Browser, member: Any, queue: Queue) -> None:
    who, token = member("receptionist"), queues.walk_in(queue)
    client = Client()
    with on_platform():
        client.force_login(User.objects.get(pk=who.user_id))
    press(client, token, "start")
    assert queue.events.order_by("-seq").values_list("event", "by").first() == ("token.started", who.user_id)


def test_transfer_gives_a_number_in_the_other_queue(desk: Client, queue: Queue) -> None:
    token, other = queues.walk_in(queue), queues.queue(name="Dr Vale")
    answer = press(desk, token, "transfer", queue=other.pk)
    assert (status_of(token), Token.objects.get(queue=other).number) == ("transferred", "B-001")
    assert messages_of(answer) == ["A-001 is sent on to Dr Vale, where the number is B-001."]


def test_transfer_to_nowhere_is_refused(desk: Client, queue: Queue) -> None:
    token = queues.walk_in(queue)
    assert press(desk, token, "transfer", queue=uuid4()).status_code == 404
    assert messages_of(press(desk, token, "transfer", queue="x")) == ["Fill the form in: queue."]
    assert status_of(token) == "waiting"


def test_to_front_makes_somebody_next(desk: Client, queue: Queue) -> None:
    numbers = [queues.walk_in(queue) for _ in range(3)]
    press(desk, numbers[2], "first")
    assert list(Token.objects.filter(queue=queue).waiting().values_list("number", flat=True)) == ["A-003", "A-001", "A-002"]


def test_to_front_of_who_does_not_wait_is_refused(desk: Client, queue: Queue) -> None:
    token = queues.walk_in(queue)
    press(desk, token, "start")
    assert messages_of(press(desk, token, "first"))[-1].startswith("These are not the tokens that wait")


def test_a_walk_in_gets_a_number_with_or_without_a_chart(desk: Client, queue: Queue) -> None:
    patient = make.patient()
    typed = f" {patient.mrn.lower().replace('-', '')} "
    path = f"{BOARD}queues/{queue.pk}/walk-in"
    answers = [desk.post(path, {"mrn": typed, "priority": "urgent"}), desk.post(path, {"mrn": ""})]
    assert [messages_of(a)[-1] for a in answers] == [
        f"The walk-in has number A-00{n}, for {queue.practitioner}." for n in (1, 2)
    ]
    found = Token.objects.filter(queue=queue).order_by("serial").values_list("patient_id", "priority")
    assert list(found) == [(patient.id, "urgent"), (None, "normal")]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"mrn": "ZZZZ-ZZZZ"}, "No chart has this MRN"),
        ({"priority": "at once"}, "Fill the form in: priority."),
        ({"mrn": "x" * 21}, "Fill the form in: mrn."),
        ({"mrn": "a\x00b"}, "Fill the form in: mrn."),
    ],
)
def test_a_walk_in_with_a_wrong_field_gets_none(desk: Client, queue: Queue, fields: dict[str, str], said: str) -> None:
    answer = desk.post(f"{BOARD}queues/{queue.pk}/walk-in", fields)
    assert messages_of(answer)[0].startswith(said)
    assert not Token.objects.filter(queue=queue).exists()


def test_a_queue_is_opened_for_a_practitioner_who_has_none(desk: Client, in_north: Any) -> None:
    doctor = make.practitioner(name="Dr Vale")
    assert f'<option value="{doctor.pk}">Dr Vale</option>' in text_of(desk)
    assert messages_of(desk.post(f"{BOARD}open", {"practitioner": doctor.pk})) == ["The queue of Dr Vale is open."]
    assert Queue.objects.filter(practitioner=doctor).count() == 1
    assert f'<option value="{doctor.pk}">' not in text_of(desk)


def test_who_is_expected_is_checked_in_with_one_click(desk: Client, in_north: Any) -> None:
    doctor = make.practitioner()
    row = queues.appointment(doctor, starts_in=20)
    assert f'id="in-{row.pk}"' in text_of(desk)
    answer = desk.post(f"{BOARD}appointments/{row.pk}/check-in")
    assert messages_of(answer) == ["Checked in: the number is A-001."]
    row.refresh_from_db()
    assert row.state == "waiting"
    page = text_of(desk)
    assert f'id="in-{row.pk}"' not in page
    assert f'id="start-{Token.objects.get(appointment=row).pk}"' in page


def test_only_who_may_check_in_now_is_expected(desk: Client, in_north: Any) -> None:
    doctor = make.practitioner()
    soon, early = (queues.appointment(doctor, starts_in=minutes) for minutes in (55, 65))
    gone = queues.appointment(doctor, starts_in=-5, state="cancelled")
    late = queues.appointment(doctor, starts_in=-15.5)
    page = text_of(desk)
    assert [f'id="in-{row.pk}"' in page for row in (soon, early, gone, late)] == [True, False, False, True]
    assert "15 min late" in page
    answer = desk.post(f"{BOARD}appointments/{early.pk}/check-in")
    assert messages_of(answer)[0].startswith("It is too early for this step. Check-in opens on")


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
