"""May this be booked? Each rule allowed and refused, all reasons at once, and what a booking leaves behind."""

import datetime as dt
from collections import defaultdict
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from appointments.events import AppointmentBooked
from appointments.models import Appointment, Claim, Practitioner, ScheduleException, Transition
from appointments.plugins.base import Kind
from appointments.plugins.registry import UnknownKind, kinds
from appointments.services.judging import NotBookable, PatientBusy, SlotTaken
from appointments.tests import scene
from appointments.tests.scene import NINE_TO_FIVE, at, booked, codes
from healthcare.core.errors import Reason
from healthcare.core.models import EventRecord, Job
from healthcare.core.tenancy import on_platform
from healthcare.tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def doctor(in_north: Any) -> Practitioner:
    return scene.doctor()


@pytest.fixture
def chart(in_north: Any) -> Any:
    return make.patient()


def test_a_booking_holds_both_people_writes_its_history_and_says_so_once(doctor: Practitioner, chart: Any) -> None:
    row = booked(doctor, chart, at("10:00"), reason="headache")
    row = Appointment.objects.get(pk=row.pk)
    assert (row.state, row.reason, row.version, row.ends_at - row.starts_at) == (
        "scheduled",
        "headache",
        1,
        dt.timedelta(minutes=10),
    )
    held = {(c.resource, c.resource_id, c.lane, c.during.lower, c.during.upper) for c in Claim.objects.all()}
    span = (at("10:00"), at("10:10"))
    assert held == {("practitioner", doctor.pk, 0, *span), ("patient", chart.pk, 0, *span)}
    assert list(Transition.objects.values_list("verb", "from_state", "to_state")) == [("book", "", "scheduled")]
    with on_platform():
        events = list(EventRecord.objects.filter(name__startswith="Appointment").values_list("name", "payload"))
        assert Job.objects.filter(name="availability.refresh", args__appointment_id=str(row.pk)).count() == 1
    assert events == [("AppointmentBooked", {"appointment_id": str(row.pk), "version": 1})]


def test_a_taken_time_is_refused_with_reasons_and_five_alternatives(doctor: Practitioner, chart: Any) -> None:
    booked(doctor, chart, at("10:00"))
    with pytest.raises(SlotTaken) as refused:
        booked(doctor, make.patient(), at("10:00"))
    assert (refused.value.code, codes(refused)) == ("slot_taken", ["slot_taken"])
    offered = [one["starts_at"] for one in refused.value.alternatives]
    assert sorted(offered) == [f"2030-06-03T{clock}:00+02:00" for clock in ("09:30", "09:40", "09:50", "10:10", "10:20")]


def test_every_alternative_can_be_booked(doctor: Practitioner, chart: Any) -> None:
    booked(doctor, chart, at("10:00"))
    other = make.patient()
    with pytest.raises(SlotTaken) as refused:
        booked(doctor, other, at("10:00"))
    starts = [dt.datetime.fromisoformat(one["starts_at"]) for one in refused.value.alternatives]
    assert [booked(doctor, other, start).starts_at for start in starts] == starts


def test_a_patient_is_not_in_two_places(doctor: Practitioner, chart: Any) -> None:
    other = scene.doctor(name="Dr Bo Lind")
    booked(doctor, chart, at("10:00"))
    with pytest.raises(PatientBusy) as refused:
        booked(other, chart, at("10:00"))
    assert (refused.value.code, codes(refused)) == ("patient_busy", ["patient_busy"])
    assert booked(other, chart, at("10:10")).practitioner_id == other.pk


def test_the_most_telling_reason_gives_the_code_and_all_are_listed(doctor: Practitioner, chart: Any) -> None:
    booked(doctor, chart, at("10:00"))
    with pytest.raises(SlotTaken) as refused:
        booked(doctor, chart, at("10:05"), now=at("12:00"))
    assert codes(refused) == ["in_the_past", "off_grid", "slot_taken", "patient_busy"]


@pytest.mark.parametrize(
    ("starts_at", "wanted"),
    [
        (at("17:00"), ["outside_hours"]),
        (at("16:50"), []),
        (at("5 10:00"), ["outside_hours"]),  # Saturday
        (at("09:00") - dt.timedelta(days=7), ["in_the_past"]),
        (at("09:00") + dt.timedelta(days=63), ["too_far"]),
        (at("10:03"), ["off_grid"]),
        (dt.datetime(1, 1, 1, tzinfo=dt.timezone(dt.timedelta(hours=14))), ["in_the_past"]),
        (dt.datetime(9999, 12, 31, 23, 59, tzinfo=dt.timezone(-dt.timedelta(hours=12))), ["too_far"]),
    ],
)
def test_hours_past_horizon_and_grid_allow_or_refuse(
    doctor: Practitioner, chart: Any, starts_at: dt.datetime, wanted: list[str]
) -> None:
    if not wanted:
        assert booked(doctor, chart, starts_at).starts_at == starts_at
        return
    with pytest.raises(NotBookable) as refused:
        booked(doctor, chart, starts_at)
    assert (codes(refused), refused.value.code) == (wanted, wanted[0])


def test_notice_and_buffer_are_the_practitioners_own(in_north: Any, chart: Any) -> None:
    doctor = scene.doctor(notice_minutes=120, buffer_minutes=5)
    with pytest.raises(NotBookable) as refused:
        booked(doctor, chart, at("10:50"))
    assert codes(refused) == ["too_soon"]
    booked(doctor, chart, at("11:00"))
    with pytest.raises(SlotTaken):
        booked(doctor, make.patient(), at("11:10"))
    assert booked(doctor, make.patient(), at("11:20")).starts_at == at("11:20")


def test_without_terms_of_their_own_the_kinds_count(in_north: Any, chart: Any) -> None:
    none = {"slot_minutes": None, "buffer_minutes": None, "notice_minutes": None, "horizon_days": None}
    row = booked(scene.doctor(**none), chart, at("10:15"))
    held = Claim.objects.get(resource="practitioner").during
    assert (row.ends_at, held.upper) == (at("10:45"), at("11:00"))


@pytest.mark.parametrize(("effect", "code"), [("leave", "on_leave"), ("holiday", "holiday")])
def test_leave_and_holidays_take_time_away(doctor: Practitioner, chart: Any, effect: str, code: str) -> None:
    ScheduleException(practitioner=doctor, effect=effect, during=(at("10:00"), at("12:00"))).save()
    with pytest.raises(NotBookable) as refused:
        booked(doctor, chart, at("11:50"))
    assert codes(refused) == [code]
    assert booked(doctor, chart, at("12:00")).starts_at == at("12:00")


def test_a_holiday_of_the_clinic_closes_it_for_everybody(doctor: Practitioner, chart: Any) -> None:
    ScheduleException(effect="holiday", during=(at("08:00"), at("20:00"))).save()
    with pytest.raises(NotBookable) as refused:
        booked(doctor, chart, at("11:00"))
    assert codes(refused) == ["holiday"]


def test_an_extra_session_adds_time(doctor: Practitioner, chart: Any) -> None:
    ScheduleException(practitioner=doctor, effect="extra", during=(at("18:00"), at("19:00"))).save()
    assert booked(doctor, chart, at("18:50")).starts_at == at("18:50")
    with pytest.raises(NotBookable):
        booked(doctor, make.patient(), at("19:00"))


def test_where_nobody_entered_hours_the_usual_ones_count(in_north: Any, chart: Any) -> None:
    doctor = scene.doctor(weekly=[])
    assert booked(doctor, chart, at("17:50")).starts_at == at("17:50")
    with pytest.raises(NotBookable) as refused:
        booked(doctor, chart, at("18:00"))
    assert codes(refused) == ["outside_hours"]


def test_as_many_as_the_practitioner_can_see_at_once(in_north: Any) -> None:
    doctor = scene.doctor(capacity=2)
    for _ in range(2):
        booked(doctor, make.patient(), at("10:00"))
    assert set(Claim.objects.filter(resource="practitioner").values_list("lane", flat=True)) == {0, 1}
    with pytest.raises(SlotTaken):
        booked(doctor, make.patient(), at("10:00"))


def test_what_is_not_offered_is_refused_and_colleagues_are_suggested(in_north: Any, chart: Any) -> None:
    away = scene.doctor(is_active=False, kinds=[])
    colleague = make.practitioner(weekly=NINE_TO_FIVE, name="Dr Bo Lind")
    with pytest.raises(NotBookable) as refused:
        booked(away, chart, at("10:00"))
    assert codes(refused) == ["practitioner_inactive", "kind_not_offered"]
    assert {one["doctor"] for one in refused.value.alternatives} == {str(colleague.pk)}


def test_an_unknown_kind_is_refused(doctor: Practitioner, chart: Any) -> None:
    with pytest.raises(UnknownKind):
        booked(doctor, chart, at("10:00"), kind="alchemy")


class Picky(Kind):
    code, name, youngest = "picky", "Picky", 60

    def on_step(self, verb: str, appointment: Appointment, **_: Any) -> None:
        if verb == "book" and appointment.starts_at == at("12:00"):
            raise NotBookable([Reason("not_at_noon", "Never at noon.")])


PICKY = f"{__name__}.Picky"


@pytest.fixture
def picky(in_north: Any, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Practitioner:
    import sys

    monkeypatch.setitem(sys.modules, "third_party_picky", type(sys)("third_party_picky"))
    sys.modules["third_party_picky"].Picky = Picky  # type: ignore[attr-defined]
    settings.APPOINTMENT_PLUGINS = ["third_party_picky.Picky"]
    assert list(kinds()) == ["picky"]
    return scene.doctor(kinds=["picky"])


def test_a_kind_of_another_package_decides_who_may_have_it(picky: Practitioner) -> None:
    young, old = make.patient(date_of_birth=dt.date(1971, 1, 1)), make.patient(date_of_birth=dt.date(1969, 1, 1))
    with pytest.raises(NotBookable) as refused:
        booked(picky, young, at("10:00"), kind="picky")
    assert (codes(refused), refused.value.alternatives) == (["too_young"], [])
    assert booked(picky, old, at("10:00"), kind="picky").kind == "picky"


def test_a_kinds_hook_may_forbid_the_step_and_nothing_remains(picky: Practitioner) -> None:
    old = make.patient(date_of_birth=dt.date(1969, 1, 1))
    with pytest.raises(NotBookable):
        booked(picky, old, at("12:00"), kind="picky")
    assert (Appointment.objects.count(), Claim.objects.count()) == (0, 0)


def test_a_booking_and_a_refusal_cost_few_statements(doctor: Practitioner, chart: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Listeners apart: exceptions, claims; the claims taken, are the hours still the same, appointment (triggers audit),
    history, event, whether a webhook wants it, the savepoint; a refusal reads a third time, for alternatives."""
    monkeypatch.setattr("healthcare.core.events._listeners", defaultdict(list))
    other = make.patient()
    with CaptureQueriesContext(connection) as booking:
        booked(doctor, chart, at("10:00"))
    with CaptureQueriesContext(connection) as refusal, pytest.raises(SlotTaken):
        booked(doctor, other, at("10:00"))
    assert (len(booking), len(refusal)) == (10, 3)


def test_an_event_brings_its_row_and_reads_it_where_it_was_not_given(doctor: Practitioner, chart: Any) -> None:
    row = booked(doctor, chart, at("10:00"))
    assert AppointmentBooked.of(row).appointment is row
    bare = AppointmentBooked(appointment_id=row.id, version=row.version)
    assert (bare, bare.appointment, bare.appointment.patient) == (AppointmentBooked.of(row), row, chart)


def test_a_booking_commits_soon_after_it_has_the_time(doctor: Practitioner, chart: Any) -> None:
    """All listeners heard: rivals wait for this long. Are the hours still the same, appointment, history, is there a calendar,
    is there a webhook, the message, all events, all jobs; the savepoint's end."""
    with CaptureQueriesContext(connection) as seen:
        booked(doctor, chart, at("10:00"))
    said = [query["sql"] for query in seen]
    taken = next(number for number, sql in enumerate(said) if "INSERT INTO appointments_claim" in sql)
    assert len(said[taken + 1 :]) == 9, said[taken + 1 :]
