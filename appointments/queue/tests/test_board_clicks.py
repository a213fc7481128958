"""Does each of the board's buttons do what it says, for whom it may, and for nobody else?"""

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from appointments.queue.models import Queue, Token
from appointments.queue.services import calling
from appointments.queue.tests import make as queues
from appointments.queue.tests.desk import BOARD, NOW, Browser, messages_of, press, status_of, text_of
from healthcare.core.tenancy import in_clinic, on_platform
from healthcare.tests import make

pytestmark = pytest.mark.django_db


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
