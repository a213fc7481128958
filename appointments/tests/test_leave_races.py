"""Who else is at it while a leave is entered or undone, or an emergency makes room? Nobody is lost, nobody waits for ever."""

import datetime as dt
import threading
from typing import Any

import pytest

from appointments.models import Appointment, GroupSession, LeaveHit, Practitioner
from appointments.services import booking, claims, groups, leaves, overriding, steps
from appointments.services.judging import NotBookable
from appointments.services.rescheduling import reschedule
from appointments.slots import Interval
from appointments.tests import scene
from appointments.tests.scene import NOW, at, booked
from appointments.tests.test_races import at_once, clinic  # noqa: F401 (the fixture)
from healthcare.core.tenancy import in_clinic
from healthcare.tests import make

MORNING = Interval(at("09:00"), at("12:00"))
BY_NOBODY: dict[str, Any] = {"by": None, "now": NOW}
ONE_AFTER_ANOTHER = {"done", "slot_taken", "wrong_state", "leave_undone", "on_leave", "patient_busy"}


def read(doctor: Practitioner) -> Practitioner:
    """The card as another request reads it."""
    return Practitioner.objects.with_place().get(pk=doctor.pk)


@pytest.mark.django_db
def test_who_was_judged_before_a_leave_and_claims_after_it_is_refused_for_it(in_north: Any, monkeypatch: Any) -> None:
    doctor, judge, taken = scene.doctor(), booking.judge, []

    def meanwhile(ask: Any) -> Any:
        slot = judge(ask)
        if not taken:
            taken.append(leaves.take(practitioner=read(doctor), during=MORNING, **BY_NOBODY))
        return slot

    monkeypatch.setattr(booking, "judge", meanwhile)
    with pytest.raises(NotBookable) as refused:
        booked(doctor, make.patient(), at("10:00"))
    assert (scene.codes(refused), Appointment.objects.count()) == (["on_leave"], 0)
    assert booked(doctor, make.patient(), at("14:00")).starts_at == at("14:00")


@pytest.mark.django_db
def test_a_group_session_is_not_planned_into_a_leave_that_came_meanwhile(in_north: Any, monkeypatch: Any) -> None:
    doctor, judged, taken = scene.doctor(), groups._judged, []

    def meanwhile(*about: Any) -> Any:
        slot = judged(*about)
        if not taken:
            taken.append(leaves.take(practitioner=read(doctor), during=MORNING, **BY_NOBODY))
        return slot

    monkeypatch.setattr(groups, "_judged", meanwhile)
    with pytest.raises(NotBookable) as refused:
        groups.plan(kind="consultation", practitioner=doctor, starts_at=at("10:00"), seats=4, **BY_NOBODY)
    assert (scene.codes(refused), GroupSession.objects.count()) == (["on_leave"], 0)


@pytest.mark.parallel
@pytest.mark.usefixtures("committed")
class TestOnSeveralConnections:
    def test_a_leave_waits_for_who_has_the_time_and_moves_them(self, clinic: Any, monkeypatch: Any) -> None:  # noqa: F811
        with in_clinic(clinic):
            doctor, chart, other = scene.doctor(name="Dr One"), make.patient(), scene.doctor(name="Dr Two")
        write, claimed, go_on = booking.write, threading.Event(), threading.Event()

        def slowly(*what: Any) -> None:
            claimed.set()
            go_on.wait(20)
            write(*what)

        def leave() -> None:
            claimed.wait(20)
            threading.Timer(0.3, go_on.set).start()
            leaves.take(practitioner=read(doctor), during=MORNING, **BY_NOBODY)

        monkeypatch.setattr(booking, "write", slowly)
        assert at_once(clinic, [lambda: booked(doctor, chart, at("10:00")), leave]) == {"done": 2}
        with in_clinic(clinic):
            hit = LeaveHit.objects.get()
            assert (hit.outcome, Appointment.objects.get().practitioner_id) == ("reassigned", other.pk)

    def test_whoever_moves_confirms_or_cancels_meanwhile(self, clinic: Any, monkeypatch: Any) -> None:  # noqa: F811
        monkeypatch.setattr(claims, "DEADLOCK", "")  # none is forgiven
        with in_clinic(clinic):
            one, two = scene.doctor(name="Dr One"), scene.doctor(name="Dr Two")
            rows = [booked(one, make.patient(), at("09:00") + dt.timedelta(minutes=10 * n)) for n in range(6)]
            theirs = [booked(two, make.patient(), at("09:00") + dt.timedelta(minutes=10 * n)) for n in range(3)]
        calls: list[Any] = [
            lambda: leaves.take(practitioner=read(one), during=MORNING, **BY_NOBODY),
            lambda: leaves.take(practitioner=read(two), during=Interval(at("13:00"), at("15:00")), **BY_NOBODY),
            lambda: reschedule(appointment=rows[0], starts_at=at("15:00"), **BY_NOBODY),
            lambda: reschedule(appointment=rows[1], starts_at=at("15:30"), practitioner=two, **BY_NOBODY),
            lambda: reschedule(appointment=theirs[0], starts_at=at("16:00"), practitioner=one, **BY_NOBODY),
            lambda: steps.confirm(appointment=rows[2], **BY_NOBODY),
            lambda: steps.cancel(appointment=rows[3], **BY_NOBODY),
            lambda: booked(read(one), make.patient(), at("11:00")),
        ]
        assert set(at_once(clinic, calls)) <= ONE_AFTER_ANOTHER
        with in_clinic(clinic):
            there = leaves.in_the_way(practitioner=one, during=MORNING)
            left = set(LeaveHit.objects.filter(outcome="left").values_list("appointment", flat=True))
            assert {row.pk for row in there} <= left
            undone = list(leaves.Leave.objects.all())
        calls = [lambda leave=leave: leaves.undo(leave=leave, **BY_NOBODY) for leave in undone * 2]
        calls += [lambda: reschedule(appointment=rows[4], starts_at=at("16:30"), practitioner=two, **BY_NOBODY)]
        assert set(at_once(clinic, calls)) <= ONE_AFTER_ANOTHER

    def test_an_emergency_is_approved_while_its_victim_moves(self, clinic: Any, monkeypatch: Any) -> None:  # noqa: F811
        monkeypatch.setattr(claims, "DEADLOCK", "")
        with in_clinic(clinic):
            doctor = scene.doctor()
            victim = booked(doctor, make.patient(), at("10:00"))
            known = {"kind": "consultation", "patient": make.patient(), "practitioner": doctor, "starts_at": at("10:00")}
            asked = overriding.ask(priority="emergency", reason="x", **known, **BY_NOBODY)
        calls: list[Any] = [lambda: overriding.approve(override=asked, **BY_NOBODY)] * 2
        calls += [lambda: reschedule(appointment=victim, starts_at=at("15:00"), **BY_NOBODY)]
        calls += [lambda: steps.confirm(appointment=victim, **BY_NOBODY)]
        came = at_once(clinic, calls)
        with in_clinic(clinic):
            new = Appointment.objects.exclude(pk=victim.pk).get()
            assert (came["override_decided"], new.starts_at, new.priority) == (1, at("10:00"), "emergency")
            victim.refresh_from_db()
            assert victim.starts_at != at("10:00")
