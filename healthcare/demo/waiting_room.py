"""How does a queue look that is under way? A few practitioners' patients of this hour arrive, are called and seen.

Through the queue's own verbs, in the order of time, so that log, numbers and appointments agree. Where nobody has visits
just now (at night, on a Sunday) two doctors of urgent care get some.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction

from accounts.roles import Role
from appointments import slots, workflow
from appointments.models import Appointment, Practitioner
from appointments.queue.models import OPEN as IN_LINE
from appointments.queue.models import Queue, Token
from appointments.queue.services import calling
from appointments.queue.services.tokens import arrive
from appointments.services.locked import locked, step_taken
from appointments.slots import Interval
from appointments.workflow import State
from clinics.models import Clinic
from healthcare.core.context import acting_as
from healthcare.demo.clinics import URGENT_CARE, DemoClinic
from healthcare.demo.diary import OPEN, People, enter
from healthcare.demo.ids import dice
from healthcare.demo.plan import free_patients, offered, planned

QUEUES = 2  # in progress at any time
BACK, AHEAD = dt.timedelta(minutes=120), dt.timedelta(minutes=50)  # whose visits make it
RUSH = dt.timedelta(minutes=60), dt.timedelta(minutes=40)  # and those entered for urgent care
STALE = dt.timedelta(hours=3)  # a line in which nobody came for so long is no longer in progress
FEWEST, MOST = 5, 11  # patients who are still to be seen; patients in all
MINUTE = dt.timedelta(minutes=1)
MOST_A_RUSH = 50
FIRST_RUSH_NUMBER = 1000  # the day's ordinary appointments have smaller ones


class Action(NamedTuple):
    at: dt.datetime
    number: int  # among those of one instant
    take: Callable[[Appointment, dt.datetime], None]
    row: Appointment


@transaction.atomic
def fill(
    demo: DemoClinic,
    clinic: Clinic,
    practitioners: Sequence[Practitioner],
    patients: Sequence[UUID],
    people: People,
    now: dt.datetime,
) -> int:
    """Bring up to two queues into progress, unless two are; answers how many."""
    missing = QUEUES - _in_progress(now)
    if missing <= 0:
        return 0
    lines = _lines([p for p in practitioners if p.speciality != URGENT_CARE], now, demo)[:missing]
    if len(lines) < missing:
        urgent = [p for p in practitioners if p.speciality == URGENT_CARE][-(missing - len(lines)) :]
        _rush(demo, clinic, urgent, patients, people, now)
        lines += _lines(urgent, now, demo)
    for line in lines:
        with acting_as(actor_id=people[Role.RECEPTIONIST].id, purpose="demo"):
            Play(line, people[Role.RECEPTIONIST].id, now).run()
    return len(lines)


def _in_progress(now: dt.datetime) -> int:
    return Queue.objects.filter(tokens__status__in=IN_LINE, tokens__arrived_at__gt=now - STALE).distinct().count()


def _lines(practitioners: Sequence[Practitioner], now: dt.datetime, demo: DemoClinic) -> list[list[Appointment]]:
    """Today's visits of about this hour by practitioner, where enough are still to come; those of most first.

    Without the visits of people with an account, who would be told of all this.
    """
    today = _today(demo, now)
    since, until = max(now - BACK, today.start), min(now + AHEAD, today.end)
    rows = Appointment.objects.filter(practitioner__in=practitioners, state__in=OPEN, patient__user=None)
    found: dict[UUID, list[Appointment]] = defaultdict(list)
    for row in rows.filter(starts_at__gte=since, starts_at__lt=until).order_by("starts_at"):
        found[row.practitioner_id].append(row)
    lively = [line[-MOST:] for line in found.values() if len(line) >= FEWEST and not _is_over(line[-1], now)]
    return sorted(lively, key=lambda line: sum(not _is_over(row, now) for row in line), reverse=True)


def _is_over(row: Appointment, now: dt.datetime) -> bool:
    return row.ends_at <= now - 7 * MINUTE


def _rush(
    demo: DemoClinic,
    clinic: Clinic,
    urgent: Sequence[Practitioner],
    patients: Sequence[UUID],
    people: People,
    now: dt.datetime,
) -> None:
    """Patients for every free time around now."""
    today, day = _today(demo, now), now.astimezone(ZoneInfo(demo.zone)).date()
    since, until = max(now - RUSH[0], today.start), min(now + RUSH[1], today.end)
    times = [offer for offer in offered(urgent, [day])[day] if since <= offer.slot.starts_at < until]
    free = free_patients(patients[1:], today)
    chance = dice(demo.slug, now)
    chance.shuffle(free)
    chance.shuffle(times)
    first = FIRST_RUSH_NUMBER + MOST_A_RUSH * int((now - today.start) / MINUTE)
    numbered = enumerate(zip(times[:MOST_A_RUSH], free, strict=False), start=first)
    wanted = [planned(demo, day, number, offer, patient_id, now, State.CONFIRMED) for number, (offer, patient_id) in numbered]
    enter(wanted, clinic, people)


def _today(demo: DemoClinic, now: dt.datetime) -> Interval:
    zone = ZoneInfo(demo.zone)
    return slots.local_days(now.astimezone(zone).date(), 1, zone)


class Play:
    """One queue as it comes to be: everybody arrives, those whose time is over were seen, one is inside, one is called."""

    queue: Queue
    called: Token

    def __init__(self, line: Sequence[Appointment], by: UUID, now: dt.datetime) -> None:
        self.line, self.by, self.now = line, by, now

    def run(self) -> None:
        for at, _, take, row in sorted(self._actions(), key=lambda action: action[:2]):
            take(row, at)

    def _actions(self) -> Iterator[Action]:
        over = [row for row in self.line[:-FEWEST] if _is_over(row, self.now)]  # of the last five some are seen late
        here = self.line[len(over) :]
        for number, row in enumerate(self.line):
            yield Action(self._arrival(row, is_next=row in here[:2]), number, self._arrive, row)
        for number, row in enumerate(over):
            length = row.ends_at - row.starts_at
            yield Action(row.starts_at, MOST, self._call, row)
            if number == 1:
                yield Action(row.starts_at + 3 * MINUTE, MOST, self._skip, row)
            else:
                yield Action(row.starts_at + MINUTE, MOST, self._start, row)
                yield Action(row.starts_at + length * 0.8, MOST, self._finish, row)
        yield Action(self.now - 5 * MINUTE, MOST, self._call, here[0])
        yield Action(self.now - 4 * MINUTE, MOST, self._start, here[0])
        yield Action(self.now - MINUTE, MOST, self._call, here[1])
        if len(here) > FEWEST:
            yield Action(self.now - MINUTE / 2, MOST, self._hold, here[-1])

    def _arrival(self, row: Appointment, is_next: bool) -> dt.datetime:
        chance = dice(row.id, "arrival")
        latest = self.now - MINUTE * (7 if is_next else chance.uniform(1, 5))
        return min(row.starts_at - MINUTE * chance.uniform(5, 25), latest)

    def _arrive(self, row: Appointment, at: dt.datetime) -> None:
        """As a check-in, which gives the number as of the present moment; here it is as of `at`."""
        row = locked(row)
        step_taken(row, workflow.step("check_in", row.state), by=self.by, now=at)
        self.queue = arrive(appointment=row, by=self.by, now=at).queue

    def _call(self, row: Appointment, at: dt.datetime) -> None:
        self.called = calling.call_next(queue=self.queue, by=self.by, now=at)

    def _start(self, row: Appointment, at: dt.datetime) -> None:
        calling.start(token=self.called, by=self.by, now=at)

    def _finish(self, row: Appointment, at: dt.datetime) -> None:
        calling.finish(token=self.called, by=self.by, now=at)

    def _skip(self, row: Appointment, at: dt.datetime) -> None:
        calling.skip(token=self.called, by=self.by, now=at)

    def _hold(self, row: Appointment, at: dt.datetime) -> None:
        last = Token.objects.filter(queue=self.queue).waiting().last()
        if last is not None:
            calling.hold(token=last, by=self.by, now=at)
