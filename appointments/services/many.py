"""How are several appointments booked or moved as one? All or none (or all that can be), their claims in one statement.

For courses, series and groups: each is judged on what is there and on what the ones before it will take.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

from appointments import slots, workflow
from appointments.events import AppointmentMoved
from appointments.models import Appointment, Claim, Practitioner, Priority
from appointments.plugins.registry import kind_named
from appointments.services import claims
from appointments.services.booking import LOST, made, write
from appointments.services.claims import Lost
from appointments.services.diary import Diary, Found, promise
from appointments.services.judging import Ask, reasons_against
from appointments.services.locked import locked, step_taken
from appointments.slots import Interval
from healthcare.core.errors import Reason, Refused
from healthcare.core.events import publish
from healthcare.core.fields import warm
from patients.models import Patient

TRIES = 5


@dataclass(frozen=True, slots=True)
class Wanted:
    """One of several bookings. The practitioner was read `with_place`."""

    kind: str
    patient: Patient
    practitioner: Practitioner
    starts_at: dt.datetime
    reason: str = ""
    priority: str = Priority.NORMAL


@dataclass(frozen=True, slots=True)
class Move:
    """One of several moves; without a practitioner it stays with its own."""

    appointment: Appointment
    starts_at: dt.datetime
    practitioner: Practitioner | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """By the number of the wish: what was booked or moved, and every reason why the others were not."""

    done: dict[int, Appointment] = field(default_factory=dict)
    refused: dict[int, list[Reason]] = field(default_factory=dict)


class NotAllBookable(Refused):
    """At least one can't be, so none is. `refused` has every reason by the number of the wish."""

    code = "not_all_bookable"
    detail = "Not all of these times can be booked, so none was."

    def __init__(self, refused: dict[int, list[Reason]], starts: Sequence[dt.datetime], now: dt.datetime) -> None:
        """`starts` by the number of the wish, each in the zone of its place."""
        self.refused = refused
        super().__init__(reasons=[why.about(starts[n], now) for n, reasons in refused.items() for why in reasons])


def book_many(*, wanted: Sequence[Wanted], by: UUID | None, now: dt.datetime, skip: bool = False) -> Outcome:
    """Book all, or with `skip` all that can be booked. Appointments come as `book` makes them, each with its event.

    Raises NotAllBookable (never with `skip`), UnknownKind.
    """
    asks = [Ask(kind_named(one.kind), one.patient, one.practitioner, one.starts_at, now) for one in wanted]
    warm(one.patient for one in wanted)  # as in `book`: before anything is taken
    for _ in range(TRIES):
        try:
            with claims.held_or_lost():
                _queue_up(asks)
                found, refused = judge_many(asks)
                if refused and not skip:
                    raise NotAllBookable(refused, _starts(asks), now)
                rows = {n: _row(asks[n], wanted[n], slot, by) for n, slot in found.items()}
                taken = [claim for n, slot in found.items() for claim in claims.rows(rows[n].id, slot.claims)]
                claims.queue_up(practitioners=(), patients=(), resources=claims.things(taken))
                claims.hold(taken)
                for number, row in rows.items():
                    write(row, asks[number])
                return Outcome(rows, refused)
        except Lost:
            continue
    raise NotAllBookable({n: [LOST] for n in range(len(wanted))}, _starts(asks), now)


def reschedule_many(*, moves: Sequence[Move], by: UUID | None, now: dt.datetime) -> list[Appointment]:
    """Move all or none; they may move into each other's times. Raises NotAllBookable, WrongState, NotFound."""
    for _ in range(TRIES):
        try:
            with claims.held_or_lost():
                return _moved(moves, by, now)
        except Lost:
            continue
    starts = [move.starts_at.astimezone(move.appointment.zone) for move in moves]
    raise NotAllBookable({n: [LOST] for n in range(len(moves))}, starts, now)


def judge_many(asks: Sequence[Ask]) -> tuple[dict[int, slots.Slot], dict[int, list[Reason]]]:
    """The slots of those that can be booked together, and the reasons against the others; earlier ones come first."""
    found: dict[int, slots.Slot] = {}
    refused: dict[int, list[Reason]] = {}
    asks = [replace(ask, beside=_beside(ask, asks)) for ask in asks]
    for kind in dict.fromkeys(ask.kind for ask in asks):
        ours = {number: ask for number, ask in enumerate(asks) if ask.kind is kind}
        diary, taken = _read(list(ours.values()))
        for number, slot in found.items():  # of other kinds
            if number not in ours:
                promise(taken, slot.claims)
        for number, ask in ours.items():
            schedule = diary.schedule(ask.practitioner, taken, patient_id=ask.patient.pk)
            if against := reasons_against(ask, schedule):
                refused[number] = against
            elif (fitting := slots.slot_at(schedule, ask.starts_at)) is not None:
                found[number] = fitting
                promise(taken, fitting.claims)
    return dict(sorted(found.items())), dict(sorted(refused.items()))


def _beside(ask: Ask, asks: Sequence[Ask]) -> tuple[tuple[str, dt.datetime], ...]:
    """What the same patient is to have in the same go: one may be the condition of the other."""
    others = (one for one in asks if one is not ask and one.patient.pk == ask.patient.pk)
    return tuple((one.kind.code, one.about()) for one in others)


def _read(asks: Sequence[Ask]) -> tuple[Diary, Found]:
    """One diary for all of a kind, with everything claimed around their times."""
    practitioners = list({ask.practitioner.pk: ask.practitioner for ask in asks}.values())
    times = [ask.about() for ask in asks]
    reach = Interval(min(times), max(times))
    diary = Diary(practitioners, asks[0].kind, reach=reach, now=asks[0].now)
    return diary, diary.claimed(reach, patient_ids={ask.patient.pk for ask in asks}, ignoring=asks[0].ignoring)


def _row(ask: Ask, wanted: Wanted, slot: slots.Slot, by: UUID | None) -> Appointment:
    return made(ask, slot, by=by, reason=wanted.reason, priority=wanted.priority)


def _starts(asks: Sequence[Ask]) -> list[dt.datetime]:
    """As they were asked for, on the clocks of their places."""
    return [ask.about().astimezone(ask.practitioner.place.clock) for ask in asks]


def _queue_up(asks: Sequence[Ask]) -> None:
    claims.queue_up(practitioners=[a.practitioner.pk for a in asks], patients=[a.patient.pk for a in asks])


def _moved(moves: Sequence[Move], by: UUID | None, now: dt.datetime) -> list[Appointment]:
    rows = {move.appointment.pk: locked(move.appointment) for move in sorted(moves, key=lambda m: m.appointment.pk)}
    asks = []
    for move in moves:
        row = rows[move.appointment.pk]
        workflow.step("reschedule", row.state)
        to = move.practitioner or Practitioner.objects.with_place().get(pk=row.practitioner_id)
        asks.append(Ask(kind_named(row.kind), row.patient, to, move.starts_at, now, ignoring=frozenset(rows)))
    held_by = [row.practitioner_id for row in rows.values()]
    claims.queue_up(practitioners=[*held_by, *(a.practitioner.pk for a in asks)], patients=[a.patient.pk for a in asks])
    found, refused = judge_many(asks)
    if refused:
        raise NotAllBookable(refused, _starts(asks), now)
    wanted = [c for n, slot in found.items() for c in claims.rows(moves[n].appointment.pk, slot.claims)]
    old = Claim.objects.filter(appointment__in=rows, resource__in=("room", "device"))
    claims.queue_up(
        practitioners=(), patients=(), resources=[*claims.things(wanted), *old.values_list("resource_id", flat=True)]
    )
    claims.swap(list(rows), wanted)
    return [put(rows[move.appointment.pk], asks[n], found[n], by=by) for n, move in enumerate(moves)]


def put(row: Appointment, ask: Ask, slot: slots.Slot, *, by: UUID | None) -> Appointment:
    """Write that the appointment is at the slot now, its claims swapped already: step, history, event."""
    step = workflow.step("reschedule", row.state)
    facts = {"starts_at": row.starts_at.isoformat(), "practitioner": str(row.practitioner_id)}  # as they were
    row.practitioner, row.location_id = ask.practitioner, ask.practitioner.location_id
    row.starts_at, row.ends_at = slot.starts_at, slot.ends_at
    row.group = None  # who moves leaves the group's seat
    moved = ("practitioner", "location_id", "starts_at", "ends_at", "group")
    step_taken(row, step, by=by, now=ask.now, changed=moved, facts=facts)
    publish(AppointmentMoved.of(row))
    return row
