"""How do invented appointments get into the books, and how do they end once their time is over? In bulk, history included."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import F, OuterRef, Subquery

from accounts.models import User
from accounts.roles import Role
from appointments import workflow
from appointments.models import Appointment, Claim, Transition
from appointments.services import claims
from appointments.workflow import HOLDS_TIME, State
from clinics.models import Clinic
from healthcare.core.crypto import patient_scope
from healthcare.core.keystore import keys
from healthcare.demo.clinics import DemoClinic
from healthcare.demo.houses import KIND
from healthcare.demo.ids import dice
from healthcare.demo.plan import Planned, drawn, is_seeded
from healthcare.demo.words import CANCELLED

OPEN = (State.PENDING, State.SCHEDULED, State.CONFIRMED)
FATES = {State.COMPLETED: 89, State.NO_SHOW: 11}
OF_PENDING = {State.EXPIRED: 60, State.COMPLETED: 40}
MINUTE = dt.timedelta(minutes=1)
People = dict[Role, User]
Steps = list[tuple[str, dt.datetime]]  # verb, when


@transaction.atomic
def enter(wanted: Sequence[Planned], clinic: Clinic, people: People) -> int:
    """Write appointments with claims and history; those whose time somebody took meanwhile are left out. Answers how many."""
    keys.warm(patient_scope(clinic.id, one.patient_id) for one in wanted)
    lost = _without_claims(wanted)
    kept = [one for one in wanted if one.id not in lost]
    Appointment.objects.bulk_create([_row(one, people) for one in kept], batch_size=500)
    Transition.objects.bulk_create([step for one in kept for step in _beginning(one, people)], batch_size=1000)
    booked = Transition.objects.filter(appointment=OuterRef("pk"), verb="book").values("at")[:1]
    Appointment.objects.filter(pk__in=[one.id for one in kept]).update(created_at=Subquery(booked))
    return len(kept)


@transaction.atomic
def settle(demo: DemoClinic, people: People, now: dt.datetime) -> int:
    """Let what is over have happened: the demo's visits of which nobody checked in come to an end. Answers how many."""
    over = Appointment.objects.filter(state__in=OPEN, ends_at__lte=now).select_for_update(skip_locked=True, no_key=True)
    zone = ZoneInfo(demo.zone)
    ids_of: dict[State, list[UUID]] = defaultdict(list)
    history: list[Transition] = []
    for row_id, starts_at, ends_at, state in over.values_list("id", "starts_at", "ends_at", "state"):
        if is_seeded(demo, row_id, starts_at.astimezone(zone).date()):
            fate = drawn(dice(row_id, "fate"), OF_PENDING if state == State.PENDING else FATES)
            ids_of[fate].append(row_id)
            history += _history(row_id, state, _steps_to(fate, row_id, starts_at, ends_at), people)
    for fate, ids in ids_of.items():
        steps = len(_steps_to(fate, ids[0], now, now))
        Appointment.objects.filter(pk__in=ids).update(state=fate, version=F("version") + steps)
        if fate not in HOLDS_TIME:
            Claim.objects.filter(appointment__in=ids).delete()
    Transition.objects.bulk_create(history, batch_size=1000)
    return sum(map(len, ids_of.values()))


def _without_claims(wanted: Iterable[Planned]) -> set[UUID]:
    """Take the claims of all; answers those that did not get both, and gives back what they got."""
    rows = [row for one in wanted if one.state in HOLDS_TIME for row in claims.rows(one.id, one.claims)]
    held = claims.take(rows)
    lost = {row.appointment_id for row in rows if row.id not in held}
    if lost:
        Claim.objects.filter(appointment__in=lost).delete()
    return lost


def _row(one: Planned, people: People) -> Appointment:
    cancelled = one.state == State.CANCELLED
    return Appointment(
        id=one.id,
        kind=KIND,
        patient_id=one.patient_id,
        practitioner=one.practitioner,
        location_id=one.practitioner.location_id,
        starts_at=one.slot.starts_at,
        ends_at=one.slot.ends_at,
        state=one.state,
        priority=one.priority,
        reason=one.reason,
        cancel_reason=dice(one.id, "cancelled").choice(CANCELLED) if cancelled else "",
        booked_by=people[Role.RECEPTIONIST].id,
        version=1 + len(_second_step(one)),
    )


def _beginning(one: Planned, people: People) -> Iterator[Transition]:
    """How it came to stand as it does."""
    booked_as = State.PENDING if one.state == State.PENDING else State.SCHEDULED
    desk = people[Role.RECEPTIONIST].id
    yield Transition(appointment_id=one.id, verb="book", to_state=booked_as, at=one.booked_at, by=desk)
    yield from _history(one.id, booked_as, _second_step(one), people)


def _second_step(one: Planned) -> Steps:
    verb = {State.CONFIRMED: "confirm", State.CANCELLED: "cancel"}.get(one.state)
    return [(verb, one.stepped_at)] if verb else []


class Visit(NamedTuple):
    arrived: dt.datetime
    started: dt.datetime
    left: dt.datetime


def visit(row: Appointment) -> Visit:
    """When they came, went in and left, of a visit that is over."""
    return _visit(row.pk, row.starts_at, row.ends_at)


def _visit(row_id: UUID, starts_at: dt.datetime, ends_at: dt.datetime) -> Visit:
    """People come before their time, wait a little past it, and are done before the next one's."""
    chance, length = dice(row_id, "visit"), ends_at - starts_at
    started = starts_at + length * chance.triangular(0, 0.5, 0.1)
    return Visit(
        starts_at - MINUTE * chance.uniform(4, 25), started, max(started, ends_at - length * chance.uniform(0.02, 0.3))
    )


def _steps_to(fate: State, row_id: UUID, starts_at: dt.datetime, ends_at: dt.datetime) -> Steps:
    """How a visit goes that comes to this end."""
    if fate == State.COMPLETED:
        times = _visit(row_id, starts_at, ends_at)
        return [("check_in", times.arrived), ("wait", times.arrived), ("start", times.started), ("complete", times.left)]
    return [("no_show" if fate == State.NO_SHOW else "expire", ends_at)]


def _history(row_id: UUID, state: str, steps: Steps, people: People) -> Iterator[Transition]:
    """Lines of history, each step as the workflow allows it."""
    for verb, at in steps:
        step = workflow.step(verb, state)
        by = people[Role.RECEPTIONIST].id if step.permission else None  # the product takes those without one
        yield Transition(appointment_id=row_id, verb=verb, from_state=state, to_state=step.target, at=at, by=by)
        state = step.target
