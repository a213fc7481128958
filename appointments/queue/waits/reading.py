"""Who waits how long in this queue, as it stands now?"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from django.db.models import Q

from appointments.models import Appointment, WeeklyTemplate
from appointments.queue import merge
from appointments.queue.merge import Waiter
from appointments.queue.models import Queue, Token
from appointments.queue.services.line import waiter
from appointments.queue.waits.estimate import NEVER_SERIAL, Situation, Standing, Wait, waits
from appointments.queue.waits.pace import SUBJECT, Pace, paces_of
from appointments.slots.clock import Interval
from appointments.slots.schedule import WeeklyHours
from appointments.workflow import BEFORE
from healthcare.core.cache import APPOINTMENTS

S = Token.Status
INSIDE = (S.CALLED, S.SERVING)
HOURS = ("weekday", "opens", "closes", "valid_from", "valid_until")
LATE = dt.timedelta(minutes=30)  # who is booked and so late is no longer counted on
EXACT, COARSE = 10, 5  # minutes
AHEAD = dt.timedelta(hours=4)  # who is booked later than that comes after everybody who waits now


def told(lines: Mapping[Queue, Sequence[Token]], *, now: dt.datetime) -> dict[UUID, Wait]:
    """By token, of everybody who waits in these queues; all of a queue's tokens are given. Nothing where too little is known.

    Until somebody clicks, it is worked out once a minute for all who ask.
    """
    marks = sorted(f"{queue.id}:{queue.seq}" for queue in lines)
    key = f"waits:{int(now.timestamp() // 60)}:{','.join(marks)}"
    kept = APPOINTMENTS.read(key, lambda: _told(lines, now), subject=SUBJECT)
    return {UUID(token_id): Wait(*wait) for token_id, wait in kept.items()}


def _told(lines: Mapping[Queue, Sequence[Token]], now: dt.datetime) -> dict[str, list[float]]:
    """For any number of queues one query for who is expected, those of the pace, and one more before a day's first call."""
    waiting = {queue: rows for queue, rows in lines.items() if queue.is_open and any(one.status == S.WAITING for one in rows)}
    paces = _paces(waiting)
    coming = expected([queue.practitioner_id for queue in paces], now) if paces else {}
    begins_at = begins([queue for queue in paces if not any(one.called_at for one in waiting[queue])], now)
    found: dict[str, list[float]] = {}
    for queue, pace in paces.items():
        line = sorted((one for one in waiting[queue] if one.status == S.WAITING), key=lambda one: (one.place, one.serial))
        inside = [one.called_at for one in waiting[queue] if one.status in INSIDE and one.called_at]
        situation = Situation(
            now=now,
            line=[Standing(str(one.id), waiter(one)) for one in line],
            called_at=max(inside, default=None),
            begins_at=begins_at.get(queue.id),
            coming=coming.get(queue.practitioner_id, ()),
        )
        found |= {str(key): list(wait) for key, wait in waits(situation, pace.turns, merge.rule()).items()}
    return found


def _paces(queues: Iterable[Queue]) -> dict[Queue, Pace]:
    """Of those of which something is known: as a rule all are of one day."""
    found: dict[Queue, Pace] = {}
    by_day: dict[dt.date, list[Queue]] = defaultdict(list)
    for queue in queues:
        by_day[queue.day].append(queue)
    for day, some in by_day.items():
        known = paces_of([queue.practitioner_id for queue in some], day=day)
        found |= {queue: known[queue.practitioner_id] for queue in some if queue.practitioner_id in known}
    return found


def minutes(wait: Wait | None) -> dict[str, int] | None:
    """The range as people are told it: outwards to whole minutes, from ten on to five, and never of no width."""
    if wait is None:
        return None
    low, high = int(wait.low // 60), -int(-wait.high // 60)
    step = 1 if low < EXACT else COARSE
    low, high = low - low % step, high if high <= EXACT else high + -high % COARSE
    return {"from_minutes": low, "to_minutes": max(high, low + step)}


def expected(practitioners: Sequence[UUID], now: dt.datetime) -> dict[UUID, list[Waiter]]:
    """Who is booked and not here yet, as if they came on time; who is late may come at any moment."""
    near = Q(starts_at__gt=now - LATE, starts_at__lt=now + AHEAD)
    rows = Appointment.objects.filter(near, practitioner__in=practitioners, state__in=BEFORE).order_by("starts_at")
    found: dict[UUID, list[Waiter]] = defaultdict(list)
    for practitioner_id, priority, at in rows.values_list("practitioner", "priority", "starts_at"):
        found[practitioner_id].append(Waiter(priority, at, max(at, now), NEVER_SERIAL))
    return found


def begins(queues: Sequence[Queue], now: dt.datetime) -> dict[UUID, dt.datetime]:
    """By queue, when its practitioner's hours next begin on its day; not named: they have begun, or none are left."""
    if not queues:
        return {}
    rows = WeeklyTemplate.objects.filter(practitioner__in=[queue.practitioner_id for queue in queues])
    hours = defaultdict(list)
    for practitioner_id, *known in rows.values_list("practitioner", *HOURS):
        hours[practitioner_id].append(WeeklyHours(*known))
    found: dict[UUID, dt.datetime] = {}
    for queue in queues:
        zone = queue.practitioner.place.clock
        pieces = [one.on(queue.day, zone) for one in hours[queue.practitioner_id] if one.apply_on(queue.day)]
        if (start := next_start(pieces, now)) is not None:
            found[queue.id] = start
    return found


def next_start(pieces: Iterable[Interval], now: dt.datetime) -> dt.datetime | None:
    """The next of these intervals' starts; None within one, and after all of them."""
    left = [piece.start for piece in pieces if piece.end > now]
    return None if any(start <= now for start in left) else min(left, default=None)
