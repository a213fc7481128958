"""Can this be booked, and if not, why not and when else? One judgement for booking and moving."""

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn
from uuid import UUID

from appointments import slots
from appointments.models import Appointment, Practitioner
from appointments.plugins.base import Kind
from appointments.plugins.terms import is_offered, terms_of
from appointments.services.diary import Diary
from appointments.slots import Interval, Schedule
from appointments.slots.clock import EARLIEST, LATEST, ZERO
from appointments.workflow import HOLDS_TIME
from clinics.settings_of import settings_here
from healthcare.core.errors import Reason, Refused
from patients.models import Patient

ALTERNATIVES = 5
COLLEAGUES = 5
# How far to look for alternatives, before and after: a near look finds five nearly always and reads little.
NEAR = (dt.timedelta(days=2), dt.timedelta(days=8))
FAR = (dt.timedelta(days=7), dt.timedelta(days=28))
TELLING = ("slot_taken", "practitioner_inactive", "kind_not_offered", "patient_busy", "in_the_past", "on_leave", "holiday")


class NotBookable(Refused):
    """This time can't be booked; the code is that of the most telling reason."""

    code = "not_bookable"
    detail = "This time can't be booked."

    def __init__(self, reasons: Sequence[Reason], alternatives: Sequence[dict[str, Any]] = ()) -> None:
        telling = most_telling(reasons)
        self.code, self.detail = telling.code, telling.detail
        super().__init__(reasons=reasons, alternatives=alternatives)


class SlotTaken(NotBookable):
    code = "slot_taken"


class PatientBusy(NotBookable):
    code = "patient_busy"


@dataclass(frozen=True, slots=True)
class Ask:
    """What is wanted; `ignoring` are appointments that would move out of the way, or there. `overbooking` opens the lanes
    above the capacity; without `search` a refusal names no alternatives."""

    kind: Kind
    patient: Patient
    practitioner: Practitioner
    starts_at: dt.datetime
    now: dt.datetime
    ignoring: frozenset[UUID] = frozenset()
    overbooking: bool = False
    search: bool = True
    beside: tuple[tuple[str, dt.datetime], ...] = ()  # kinds and starts of what the patient is to have in the same go

    def diary(self, *more: Practitioner) -> Diary:
        near, wanted = around(self, FAR), self.about()
        reach = Interval(min(near.start, wanted), max(near.end, wanted))
        return Diary([self.practitioner, *more], self.kind, reach=reach, now=self.now, overbooking=self.overbooking)

    def about(self) -> dt.datetime:
        """The wanted start in UTC, within the engine's calendar."""
        return min(max(slots.clock.utc(self.starts_at), slots.clock.EARLIEST), slots.clock.LATEST)

    def schedules(self, diary: Diary, window: Interval) -> list[Schedule]:
        return diary.schedules(window, patient_id=self.patient.pk, ignoring=self.ignoring)


def reasons_against(ask: Ask, schedule: Schedule) -> list[Reason]:
    """Every reason against the wanted start; none: it can be booked."""
    ours = [*practitioner_reasons(ask), *patient_reasons(ask)]
    return [*ours, *(Reason(*reason) for reason in slots.refusals(schedule, ask.starts_at))]


def judge(ask: Ask) -> slots.Slot:
    """The slot with its claims. Raises SlotTaken, PatientBusy or NotBookable with every reason and the nearest alternatives."""
    diary = ask.diary()
    (schedule,) = ask.schedules(diary, Interval(ask.about(), ask.about()))
    if against := reasons_against(ask, schedule):
        refuse(ask, against, diary)
    slot = slots.slot_at(schedule, ask.starts_at)
    assert slot is not None, "what nothing speaks against is offered"
    return slot


def refuse(ask: Ask, reasons: Sequence[Reason], diary: Diary | None = None) -> NoReturn:
    classes = {"slot_taken": SlotTaken, "patient_busy": PatientBusy}
    raise classes.get(most_telling(reasons).code, NotBookable)(reasons, nearest(ask, diary))


def most_telling(reasons: Sequence[Reason]) -> Reason:
    return min(reasons, key=lambda reason: TELLING.index(reason.code) if reason.code in TELLING else len(TELLING))


def nearest(ask: Ask, diary: Diary | None = None) -> list[dict[str, Any]]:
    """Up to five starts that could be booked instead: the practitioner's own, colleagues' where those don't suffice."""
    if not ask.search or ask.kind.eligibility(ask.patient, ask.now):
        return []
    able = not list(practitioner_reasons(ask))
    found = _own(ask, diary or ask.diary()) if able else []
    if len(found) < ALTERNATIVES:
        found = _with_colleagues(ask, able)
    return [_shown(ask, slot) for slot in found]


def _own(ask: Ask, diary: Diary) -> list[slots.Slot]:
    found: list[slots.Slot] = []
    for reach in (NEAR, FAR):
        window = around(ask, reach)
        found = slots.alternatives(ask.schedules(diary, window), ask.starts_at, ALTERNATIVES, window, suits(ask, window))
        if len(found) == ALTERNATIVES:
            break
    return found


def colleagues_of(practitioner: Practitioner, kind: Kind) -> list[Practitioner]:
    """Who else offers it at the same location, those soonest free first."""
    others = Practitioner.objects.seeing_patients().offering(kind.code).exclude(pk=practitioner.pk)
    there = others.filter(location_id=practitioner.location_id).with_place().order_by("next_free_at", "id")
    return [one for one in there[:COLLEAGUES] if is_offered(kind, one)]


def _with_colleagues(ask: Ask, able: bool) -> list[slots.Slot]:
    colleagues = colleagues_of(ask.practitioner, ask.kind)
    window = around(ask, FAR)
    schedules = ask.schedules(ask.diary(*colleagues), window) if colleagues or able else []
    able_ones = schedules if able else schedules[1:]
    return slots.alternatives(able_ones, ask.starts_at, ALTERNATIVES, window, suits(ask, window))


def around(ask: Ask, reach: tuple[dt.timedelta, dt.timedelta]) -> Interval:
    """The stretch around the wanted start, or around the nearest time at which bookings are open."""
    terms = terms_of(ask.kind, ask.practitioner)
    first = ask.now + terms.notice
    last = first if terms.horizon is None else max(first, ask.now + terms.horizon)
    wanted = max(slots.clock.utc(ask.starts_at), first)
    centre = wanted if terms.horizon is None else min(wanted, last)
    centre = min(centre, slots.clock.LATEST - dt.timedelta(days=62))
    return Interval(max(ask.now, centre - reach[0]), centre + reach[1])


def patient_reasons(ask: Ask) -> list[Reason]:
    """Why this patient can't have this kind, then: themself, and what they had before. Costs a query where the past counts."""
    against = ask.kind.eligibility(ask.patient, ask.now)
    if ask.kind.requires is None and ask.kind.rest is None:
        return against
    past = _had(ask.patient, ask.kind, Interval(ask.about(), ask.about()), ask.ignoring)
    return [*against, *ask.kind.past_reasons([*past, *ask.beside], ask.about())]


def suits(ask: Ask, window: Interval) -> Callable[[dt.datetime], bool]:
    """Whether a start in the window goes with what the patient had, or is to have; one query, where the kind asks at all."""
    if ask.kind.requires is None and ask.kind.rest is None:
        return lambda start: True
    past = [*_had(ask.patient, ask.kind, window, ask.ignoring), *ask.beside]
    return lambda start: not ask.kind.past_reasons(past, start)


def for_patient(ask: Ask, found: dict[UUID, list[slots.Slot]]) -> dict[UUID, list[slots.Slot]]:
    """Of the times found those that the patient of the ask could book: what others may have is not offered to them."""
    starts = [slot.starts_at for times in found.values() for slot in times]
    if not starts or ask.kind.eligibility(ask.patient, ask.now):
        return {one: [] for one in found}
    fits = suits(ask, Interval(min(starts), max(starts)))
    return {one: [slot for slot in times if fits(slot.starts_at)] for one, times in found.items()}


def _had(patient: Patient, kind: Kind, window: Interval, ignoring: frozenset[UUID]) -> list[tuple[str, dt.datetime]]:
    """Kinds and starts of what the patient had, or is to have, as far before and after the window as the kind looks."""
    back = max(kind.requires[1] if kind.requires else ZERO, kind.rest or ZERO)
    rows = Appointment.objects.filter(patient=patient, state__in=HOLDS_TIME).exclude(pk__in=ignoring)
    rows = rows.filter(starts_at__gt=max(window.start - back, EARLIEST), starts_at__lt=min(window.end + back, LATEST))
    return list(rows.values_list("kind", "starts_at"))


def practitioner_reasons(ask: Ask) -> Iterator[Reason]:
    if not ask.practitioner.is_active:
        yield Reason("practitioner_inactive", "The practitioner sees no patients here at present.")
    if not settings_here().offers(ask.kind.code):
        yield Reason("kind_not_offered", f"The clinic does not offer {ask.kind.name.lower() or ask.kind.code}.")
    elif not ask.kind.performed_by(ask.practitioner):
        yield Reason("kind_not_offered", f"The practitioner does not offer {ask.kind.name.lower() or ask.kind.code}.")


def _shown(ask: Ask, slot: slots.Slot) -> dict[str, Any]:
    zone = ask.practitioner.place.clock
    return {
        "doctor": str(slot.practitioner).partition(":")[2],
        "kind": ask.kind.code,
        "starts_at": slot.starts_at.astimezone(zone).isoformat(),
        "ends_at": slot.ends_at.astimezone(zone).isoformat(),
    }
