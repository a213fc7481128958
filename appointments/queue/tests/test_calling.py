"""Do the verbs of the queue do what they say, refuse what they must, and keep one truth with the appointment?"""

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from appointments.models import Transition
from appointments.queue import verbs
from appointments.queue.models import QueueEvent, Token
from appointments.queue.services import arranging, calling, tokens
from appointments.queue.services.calling import QueueEmpty
from appointments.queue.services.locks import QueueClosed
from appointments.queue.tests import make as queues
from appointments.queue.verbs import BY_NAME, WrongStatus
from appointments.services import steps
from healthcare.core.errors import NotFound
from healthcare.tests import make

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_north")]
CLICKS = ("recall", "skip", "hold", "resume", "start", "finish")
EVERY = Token.Status.values


def click(verb: str, token: Token) -> Token:
    return getattr(calling, verb)(token=token, by=None, now=timezone.now())


def call_next(queue: Any) -> Token:
    return calling.call_next(queue=queue, by=None, now=timezone.now())


def put(token: Token, status: str) -> Token:
    Token.objects.filter(pk=token.pk).update(status=status)
    return token


def test_check_in_gives_the_next_number_and_the_appointment_waits() -> None:
    doctor = make.practitioner()
    first, second = queues.arrived(doctor), queues.arrived(doctor, starts_in=20)
    assert [first.number, second.number] == ["A-001", "A-002"]
    assert (first.status, queues.state_of(first)) == ("waiting", "waiting")
    assert queues.log_of(second.queue) == [(1, "token.issued"), (2, "token.issued")]


def test_two_practitioners_of_a_day_have_two_letters() -> None:
    assert [queues.arrived(make.practitioner()).number for _ in range(3)] == ["A-001", "B-001", "C-001"]


def test_a_practitioner_keeps_their_letter_the_next_day() -> None:
    one, two = make.practitioner(), make.practitioner()
    queues.queue(practitioner=one), queues.queue(practitioner=two)
    now = timezone.now() + dt.timedelta(days=1)
    from appointments.queue.services.opening import open_queue

    assert open_queue(practitioner=two, at=now, by=None, now=now).prefix == "B"


def test_call_next_calls_the_first_in_line_and_leaves_the_appointment_waiting() -> None:
    token = queues.arrived(make.practitioner())
    called = call_next(token.queue)
    assert (called.id, called.status, called.calls, queues.state_of(called)) == (token.id, "called", 1, "waiting")
    assert called.called_at is not None


def test_call_next_on_an_empty_queue_is_refused() -> None:
    with pytest.raises(QueueEmpty):
        call_next(queues.queue())


def test_start_and_finish_carry_the_appointment_along() -> None:
    token = queues.arrived(make.practitioner())
    click("start", call_next(token.queue))
    assert queues.state_of(token) == "in_progress"
    click("finish", token)
    assert queues.state_of(token) == "completed"
    verbs_taken = list(
        Transition.objects.filter(appointment=token.appointment_id).order_by("id").values_list("verb", flat=True)
    )
    assert verbs_taken == ["check_in", "wait", "start", "complete"]
    assert [e for _, e in queues.log_of(token.queue)] == ["token.issued", "token.called", "token.started", "token.finished"]


def test_hold_and_resume_carry_the_appointment_along() -> None:
    token = queues.arrived(make.practitioner())
    click("hold", token)
    assert queues.state_of(token) == "on_hold"
    assert click("resume", token).status == "waiting"
    assert queues.state_of(token) == "waiting"


@pytest.mark.parametrize("verb", CLICKS)
def test_each_click_is_taken_from_each_status_the_table_allows(verb: str) -> None:
    queue = queues.queue()
    reached = [click(verb, put(queues.walk_in(queue), status)).status for status in BY_NAME[verb].sources]
    assert reached == [BY_NAME[verb].target] * len(BY_NAME[verb].sources)


@pytest.mark.parametrize("verb", CLICKS)
def test_each_click_is_refused_from_every_other_status_and_writes_nothing(verb: str) -> None:
    queue = queues.queue()
    token = queues.walk_in(queue)
    for status in set(EVERY) - set(BY_NAME[verb].sources):
        with pytest.raises(WrongStatus):
            click(verb, put(token, status))
    assert queues.log_of(queue) == [(1, "token.issued")]


def test_a_closed_queue_takes_no_click() -> None:
    queue = queues.queue()
    token = queues.walk_in(queue)
    type(queue).objects.filter(pk=queue.pk).update(is_open=False)
    for refused in (lambda: call_next(queue), lambda: click("skip", token), lambda: queues.walk_in(queue)):
        with pytest.raises(QueueClosed):
            refused()


def test_a_token_of_another_queue_is_not_found() -> None:
    one, two = queues.queue(), queues.queue()
    token = queues.walk_in(one)
    token.queue_id = two.id
    with pytest.raises(NotFound):
        click("skip", token)


def test_transfer_gives_a_new_number_there_and_keeps_what_was_waited() -> None:
    token, other = queues.arrived(make.practitioner()), queues.queue()
    new = tokens.transfer(token=token, to=other, by=None, now=timezone.now())
    assert (new.number, new.status, new.appointment_id, new.arrived_at) == (
        "B-001",
        "waiting",
        token.appointment_id,
        token.arrived_at,
    )
    token.refresh_from_db()
    assert token.status == "transferred"
    assert queues.log_of(token.queue)[-1] == (2, "token.transferred")
    assert queues.log_of(other) == [(1, "token.issued")]


def test_transfer_into_the_same_queue_is_refused() -> None:
    token = queues.walk_in(queues.queue())
    with pytest.raises(tokens.SameQueue):
        tokens.transfer(token=token, to=token.queue, by=None, now=timezone.now())


def test_who_is_being_seen_can_not_be_transferred() -> None:
    token, other = queues.walk_in(queues.queue()), queues.queue()
    with pytest.raises(WrongStatus):
        tokens.transfer(token=put(token, "serving"), to=other, by=None, now=timezone.now())


@pytest.mark.parametrize(
    ("clicks", "status", "state"),
    [
        (["skip"], "called", "waiting"),
        (["start"], "called", "waiting"),
        (["start", "finish"], "serving", "in_progress"),
        (["hold"], "called", "waiting"),
        (["hold", "resume"], "held", "on_hold"),
        (["recall"], "called", "waiting"),
        (["finish"], "called", "waiting"),
    ],
)
def test_undo_takes_the_last_click_back_with_the_appointment(clicks: list[str], status: str, state: str) -> None:
    token = call_next(queues.arrived(make.practitioner()).queue)
    for verb in clicks:
        click(verb, token)
    undone = arranging.undo(token=token, by=None, now=timezone.now())
    assert (undone.status, queues.state_of(token)) == (status, state)
    assert queues.log_of(token.queue)[-1][1] == "token.undone"


def test_undoing_a_call_puts_the_token_back_in_its_place() -> None:
    queue = queues.queue()
    first, second = queues.walk_in(queue), queues.walk_in(queue)
    arranging.undo(token=call_next(queue), by=None, now=timezone.now())
    assert list(queue.tokens.waiting()) == [first, second]
    assert QueueEvent.objects.get(queue=queue, seq=4).face["place"] == 1


@pytest.mark.parametrize("clicks", [[], ["call", "undo"]])
def test_there_is_nothing_to_undo_after_the_number_was_given_or_after_an_undo(clicks: list[str]) -> None:
    token = queues.walk_in(queues.queue())
    if clicks:
        arranging.undo(token=call_next(token.queue), by=None, now=timezone.now())
    with pytest.raises(arranging.NothingToUndo):
        arranging.undo(token=token, by=None, now=timezone.now())


def test_reorder_arranges_the_line_and_its_events_lead_there_one_by_one() -> None:
    queue = queues.queue()
    line = [queues.walk_in(queue).id for _ in range(4)]
    wanted = [line[2], line[0], line[3], line[1]]
    arranging.reorder(queue=queue, tokens=wanted, by=None, now=timezone.now())
    assert [t.id for t in queue.tokens.waiting()] == wanted
    seen = [str(i) for i in line]
    for face in QueueEvent.objects.filter(queue=queue, event="token.reordered").order_by("seq").values_list("face", flat=True):
        seen.remove(face["id"])
        seen.insert(face["place"] - 1, face["id"])
    assert seen == [str(i) for i in wanted]


def test_reorder_that_does_not_name_everybody_once_is_refused() -> None:
    queue = queues.queue()
    one, two = queues.walk_in(queue).id, queues.walk_in(queue).id
    for wrong in ([one], [one, one], [one, two, two], []):
        with pytest.raises(arranging.LineChanged):
            arranging.reorder(queue=queue, tokens=wrong, by=None, now=timezone.now())


@pytest.mark.parametrize(
    ("verb", "status", "event"),
    [
        ("cancel", "cancelled", "token.cancelled"),
        ("no_show", "cancelled", "token.cancelled"),
        ("start", "serving", "token.started"),
        ("hold", "held", "token.held"),
        ("complete", "finished", "token.finished"),
    ],
)
def test_the_token_follows_an_appointment_that_is_moved_directly(verb: str, status: str, event: str) -> None:
    token = queues.arrived(make.practitioner())
    getattr(steps, verb)(appointment=token.appointment, by=None, now=timezone.now())
    token.refresh_from_db()
    assert token.status == status
    assert queues.log_of(token.queue) == [(1, "token.issued"), (2, event)]


def test_cancelling_an_appointment_without_a_token_touches_no_queue() -> None:
    row = queues.appointment(make.practitioner(), starts_in=30)
    steps.cancel(appointment=row, by=None, now=timezone.now())
    assert QueueEvent.objects.count() == 0


def test_every_verb_of_the_table_names_an_event_and_every_undoable_one_is_of_the_table() -> None:
    names = {verb.event for verb in verbs.VERBS}
    assert len(names) == len(verbs.VERBS)
    assert set(verbs.CAN_BE_UNDONE) < names


def test_faces_hold_nothing_of_the_person() -> None:
    patient = make.patient(first_name="Zebulon", last_name="Quagmire")
    token = queues.arrived(make.practitioner(room="Room 7"), patient=patient, reason="hiccups")
    face = QueueEvent.objects.get(token=token).face
    assert face == {
        "id": str(token.id),
        "number": "A-001",
        "status": "waiting",
        "place": 1,
        "queue": str(token.queue_id),
        "desk": "Room 7",
        "called_at": None,
        "priority": "normal",
    }
