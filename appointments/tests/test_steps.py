"""How does an appointment go on? Every verb from every state, the timing rules, stale writes, moving and freeing time."""

import datetime as dt
from collections import defaultdict
from typing import Any

import pytest
from django.db import transaction

from appointments.models import Appointment, Claim, Practitioner, Transition
from appointments.services import steps
from appointments.services.changing import change
from appointments.services.handing_over import reassign, transfer
from appointments.services.judging import NotBookable, SlotTaken
from appointments.services.rescheduling import SameTime, reschedule
from appointments.tests import scene
from appointments.tests.scene import NOW, at, booked, codes
from appointments.workflow import BY_VERB, FINAL, HOLDS_TIME, STEPS, State, WrongState
from healthcare.core.errors import NotFound, StaleWrite
from healthcare.core.models import EventRecord
from healthcare.core.tenancy import on_platform
from healthcare.tests import make

pytestmark = pytest.mark.django_db
VERBS: dict[str, Any] = {
    **{name: getattr(steps, name) for name in BY_VERB if hasattr(steps, name)},
    "reschedule": lambda **given: reschedule(starts_at=at("15:00"), **given),
    "reassign": lambda **given: reassign(practitioner=scene.doctor(name="Dr Two"), **given),
    "transfer": lambda **given: transfer(practitioner=scene.doctor(name="Dr Two"), starts_at=at("15:00"), **given),
}
EVENTS = {
    "check_in": ["PatientArrived"],
    "cancel": ["AppointmentCancelled"],
    "reschedule": ["AppointmentMoved"],
    "reassign": ["AppointmentMoved"],
    "transfer": ["AppointmentStepped", "AppointmentTransferred"],
}


def test_every_verb_of_the_table_but_those_that_begin_is_tried_here() -> None:
    assert set(VERBS) == {step.verb for step in STEPS if step.sources}


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody listens: what is seen is the step itself."""
    monkeypatch.setattr("healthcare.core.events._listeners", defaultdict(list))


@pytest.fixture
def doctor(in_north: Any) -> Practitioner:
    return scene.doctor()


@pytest.fixture
def row(doctor: Practitioner) -> Appointment:
    return booked(doctor, make.patient(), at("10:00"))


def in_state(row: Appointment, state: State) -> Appointment:
    Appointment.objects.filter(pk=row.pk).update(state=state)
    return Appointment.objects.get(pk=row.pk)


def events_of(row: Appointment) -> list[str]:
    with on_platform():
        found = EventRecord.objects.filter(payload__appointment_id=str(row.pk)).order_by("id")
        return list(found.values_list("name", flat=True))


@pytest.mark.parametrize("verb", VERBS)
def test_each_verb_is_taken_from_the_states_of_the_table_and_refused_from_all_others(
    alone: None, row: Appointment, verb: str
) -> None:
    for state in State:
        with transaction.atomic():
            _taken(row, verb, state) if state in BY_VERB[verb].sources else _refused(row, verb, state)
            transaction.set_rollback(True)


def _taken(row: Appointment, verb: str, state: State) -> None:
    row, target = in_state(row, state), BY_VERB[verb].target
    VERBS[verb](appointment=row, by=None, now=at("9:59") if verb == "reassign" else at("10:01"))
    now, last = Appointment.objects.get(pk=row.pk), row.transitions.order_by("id").last()
    assert (now.state, now.version) == (target, row.version + 1)
    assert last is not None and (last.verb, last.from_state, last.to_state) == (verb, state, target)
    assert Claim.objects.filter(appointment=row).count() == (2 if target in HOLDS_TIME else 0)
    assert events_of(row)[1:] == EVENTS.get(verb, ["AppointmentStepped"])


def _refused(row: Appointment, verb: str, state: State) -> None:
    row = in_state(row, state)
    with pytest.raises(WrongState) as refused:
        VERBS[verb](appointment=row, by=None, now=at("10:01"))
    now = Appointment.objects.get(pk=row.pk)
    assert (refused.value.status, now.state, now.version) == (409, state, row.version)
    assert (Transition.objects.count(), Claim.objects.count(), events_of(row)) == (1, 2, ["AppointmentBooked"])


def test_every_state_either_holds_time_or_is_final() -> None:
    assert set(State) - set(HOLDS_TIME) - set(FINAL) == set()


def test_check_in_opens_sixty_minutes_before_the_start(row: Appointment) -> None:
    with pytest.raises(steps.TooEarly) as refused:
        steps.check_in(appointment=row, by=None, now=at("10:00") - dt.timedelta(minutes=60, seconds=1))
    (why,) = refused.value.reasons
    assert why.on_wire() == {
        "code": "too_early",
        "detail": "Check-in opens on Mon 3 June, 09:00.",
        "from_at": "2030-06-03T09:00:00+02:00",
    }
    assert steps.check_in(appointment=row, by=None, now=at("09:00")).state in (State.CHECKED_IN, State.WAITING)


def test_yesterdays_patient_does_not_check_in(row: Appointment) -> None:
    with pytest.raises(steps.TooLate):
        steps.check_in(appointment=row, by=None, now=at("22:01"))


def test_nobody_is_a_no_show_before_the_start_unless_they_left(alone: None, row: Appointment) -> None:
    with pytest.raises(steps.TooEarly):
        steps.no_show(appointment=row, by=None, now=at("09:59"))
    steps.check_in(appointment=row, by=None, now=at("09:50"))
    assert steps.no_show(appointment=row, by=None, now=at("09:59")).state == State.NO_SHOW


def test_cancelling_frees_the_time_for_somebody_else(doctor: Practitioner, row: Appointment) -> None:
    other = make.patient()
    with pytest.raises(SlotTaken):
        booked(doctor, other, at("10:00"))
    steps.cancel(appointment=row, by=None, now=NOW, reason="has a cold")
    assert Appointment.objects.get(pk=row.pk).cancel_reason == "has a cold"
    assert booked(doctor, other, at("10:00")).starts_at == at("10:00")


def test_a_stale_version_is_refused_and_the_present_one_is_not(alone: None, row: Appointment) -> None:
    steps.confirm(appointment=row, by=None, now=NOW, version=1)
    with pytest.raises(StaleWrite):
        steps.cancel(appointment=row, by=None, now=NOW, version=1)
    assert steps.cancel(appointment=row, by=None, now=NOW, version=2).version == 3


def test_an_appointment_that_is_not_there_is_not_found(row: Appointment) -> None:
    with pytest.raises(NotFound):
        steps.confirm(appointment=Appointment(id=row.patient_id), by=None, now=NOW)


def test_moving_keeps_id_and_history_and_swaps_the_time(alone: None, doctor: Practitioner, row: Appointment) -> None:
    moved = reschedule(appointment=row, starts_at=at("10:10"), by=None, now=NOW)
    assert (moved.pk, moved.starts_at, moved.ends_at, moved.state) == (row.pk, at("10:10"), at("10:20"), "scheduled")
    assert {c.during.lower for c in Claim.objects.all()} == {at("10:10")}
    last = Transition.objects.get(verb="reschedule")
    assert last.details == {"starts_at": at("10:00").isoformat(), "practitioner": str(doctor.pk)}
    assert booked(doctor, make.patient(), at("10:00")).starts_at == at("10:00")


def test_moving_to_an_overlapping_time_of_its_own_works(in_north: Any) -> None:
    doctor = scene.doctor(slot_minutes=None, buffer_minutes=15)
    row = booked(doctor, make.patient(), at("10:00"))
    assert reschedule(appointment=row, starts_at=at("10:15"), by=None, now=NOW).starts_at == at("10:15")


def test_moving_to_another_practitioner_frees_the_first(doctor: Practitioner, row: Appointment) -> None:
    other = scene.doctor(name="Dr Bo Lind")
    moved = reschedule(appointment=row, starts_at=at("10:00"), practitioner=other, by=None, now=NOW)
    assert moved.practitioner_id == other.pk
    held = Claim.objects.filter(resource="practitioner").values_list("resource_id", flat=True)
    assert list(held) == [other.pk]


def test_moving_to_a_taken_time_changes_nothing(doctor: Practitioner, row: Appointment) -> None:
    booked(doctor, make.patient(), at("11:00"))
    held = set(Claim.objects.values_list("pk", flat=True))
    with pytest.raises(SlotTaken) as refused:
        reschedule(appointment=row, starts_at=at("11:00"), by=None, now=NOW)
    assert (codes(refused), len(refused.value.alternatives)) == (["slot_taken"], 5)
    assert Appointment.objects.get(pk=row.pk).starts_at == at("10:00")
    assert set(Claim.objects.values_list("pk", flat=True)) == held


def test_moving_nowhere_or_outside_hours_is_refused(row: Appointment) -> None:
    with pytest.raises(SameTime):
        reschedule(appointment=row, starts_at=at("10:00"), by=None, now=NOW)
    with pytest.raises(NotBookable) as refused:
        reschedule(appointment=row, starts_at=at("20:00"), by=None, now=NOW)
    assert codes(refused) == ["outside_hours"]


def test_reason_and_priority_may_change_until_it_is_over(row: Appointment) -> None:
    changed = change(appointment=row, reason="dizzy", priority="high", by=None, now=NOW)
    assert (changed.reason, changed.priority, changed.version) == ("dizzy", "high", 2)
    steps.cancel(appointment=row, by=None, now=NOW)
    with pytest.raises(WrongState):
        change(appointment=row, reason="well again", by=None, now=NOW)
