"""How long do turns take here? From the queues' own logs, of the practitioner, or where those are few of the whole clinic.

Kept for minutes, as one day more or less changes little. Percentiles only: nobody's visit can be told from them.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection

from appointments.queue.waits.estimate import Turns
from healthcare.core.cache import APPOINTMENTS

DAYS = 60  # of the past
ENOUGH = 20  # turns; below that nothing is said
SUBJECT = "pace"  # forgotten by nobody: it runs out
CLINIC = "clinic"

# Each first call of a queue's days and the one before it. A call that was taken back by `undo` was none.
CALLS = """
WITH calls AS (
  SELECT queue.practitioner_id, token.id AS token_id, token.arrived_at, token.due_at, token.wait_high, call.at,
    lag(call.at) OVER line AS before, lag(token.finished_at) OVER line AS before_done
  FROM queue_queueevent call
  JOIN queue_token token ON token.id = call.token_id
  JOIN queue_queue queue ON queue.id = call.queue_id
  WHERE call.event = 'token.called' AND queue.day >= %(since)s AND queue.day < %(until)s
    AND NOT EXISTS (SELECT FROM queue_queueevent other WHERE other.queue_id = call.queue_id AND other.token_id = call.token_id
      AND (other.seq < call.seq AND other.event = 'token.called'
        OR other.seq > call.seq AND other.event = 'token.undone' AND other.at < call.at + interval '2 minutes'))
  WINDOW line AS (PARTITION BY call.queue_id ORDER BY call.seq)
)
"""
BY_PRACTITIONER = "GROUP BY GROUPING SETS ((practitioner_id), ())"
# A turn: from one call to the next of another person who was here when the former was done; where that one's time had not come,
# to the end of the visit. What is shorter was a slip of the hand, what is longer a lunch or the end of a session.
TURNS = f"""{CALLS}
SELECT practitioner_id, count(*), percentile_cont(%(shares)s::float[]) WITHIN GROUP (ORDER BY turn) FROM (
  SELECT practitioner_id, extract(epoch FROM CASE WHEN due_at > before_done THEN before_done ELSE at END - before) AS turn
  FROM calls WHERE arrived_at <= coalesce(before_done, before)
) turns WHERE turn BETWEEN 20 AND 7200 {BY_PRACTITIONER}
"""  # noqa: S608 (no input of anybody\'s)
# When does a practitioner who has nobody call who is booked, in time, and here? Seconds after the booked time.
AFTER_DUE = f"""{CALLS}
SELECT practitioner_id, count(*), percentile_cont(%(shares)s::float[]) WITHIN GROUP (ORDER BY late) FROM (
  SELECT practitioner_id, extract(epoch FROM at - due_at) AS late FROM calls
  WHERE arrived_at <= due_at AND (before IS NULL OR coalesce(before_done, at) < at - interval '1 minute')
) idle WHERE late BETWEEN -7200 AND 7200 {BY_PRACTITIONER}
"""  # noqa: S608 (no input of anybody\'s)
SHOWS = f"""
SELECT practitioner_id, count(*) FILTER (WHERE state = 'completed'), count(*) FROM appointments_appointment
WHERE state IN ('completed', 'no_show') AND starts_at >= %(since)s AND starts_at < %(until)s {BY_PRACTITIONER}
"""  # noqa: S608 (no input of anybody\'s)
# How often was what people were told on arrival kept? Of those who were called: not later than the end of the range.
KEPT = f"""{CALLS}
SELECT practitioner_id, count(*) FILTER (WHERE at <= arrived_at + make_interval(secs => wait_high)), count(*)
FROM calls WHERE wait_high IS NOT NULL {BY_PRACTITIONER}
"""  # noqa: S608 (no input of anybody\'s)
SHARES = [(number + 0.5) / 50 for number in range(50)]


class Pace(NamedTuple):
    """`of`: "practitioner" or "clinic"; `count` turns it was learned from. `kept` of `told` people were called in time."""

    turns: Turns
    count: int
    of: str
    kept: int
    told: int

    @property
    def median(self) -> float:
        return self.turns.seconds[len(self.turns.seconds) // 2]


def pace_of(practitioner_id: UUID, *, day: dt.date) -> Pace | None:
    """What was known on the morning of that day; None where fewer than `ENOUGH` turns were seen even in the whole clinic."""
    return paces_of([practitioner_id], day=day).get(practitioner_id)


def paces_of(practitioners: Iterable[UUID], *, day: dt.date) -> dict[UUID, Pace]:
    """Of those of whom something is known."""
    known = APPOINTMENTS.read(f"paces:{day}", lambda: _paces(day), subject=SUBJECT)
    found = {practitioner_id: _pace(known, practitioner_id) for practitioner_id in practitioners}
    return {practitioner_id: pace for practitioner_id, pace in found.items() if pace}


def _pace(known: dict[str, Any], practitioner_id: UUID) -> Pace | None:
    for of, whose in (("practitioner", str(practitioner_id)), ("clinic", CLINIC)):
        if (found := known.get(whose)) is not None and found["seconds"]:
            turns = Turns(tuple(found["seconds"]), found["shows"], tuple(found["after_due"]))
            return Pace(turns, found["count"], of, found["kept"], found["told"])
    return None


def _paces(day: dt.date) -> dict[str, Any]:
    """Of every practitioner and of the clinic, in four statements."""
    asked = {"since": day - dt.timedelta(days=DAYS), "until": day, "shares": SHARES}
    with connection.cursor() as cursor:
        turns, after, shows, kept = (_rows(cursor, statement, asked) for statement in (TURNS, AFTER_DUE, SHOWS, KEPT))
    return {
        whose: {
            "count": count,
            "seconds": _rounded(count, seconds),
            "after_due": _rounded(*after.get(whose) or after.get(CLINIC) or (0, ())),
            "shows": _share(*shows.get(whose, (0, 0))),
            **dict(zip(("kept", "told"), kept.get(whose, (0, 0)), strict=True)),
        }
        for whose, (count, seconds) in turns.items()
        if count
    }


def _rows(cursor: Any, statement: str, asked: dict[str, Any]) -> dict[str, Any]:
    cursor.execute(statement, asked)
    return {str(whose) if whose else CLINIC: rest for whose, *rest in cursor.fetchall()}


def _rounded(count: int, seconds: Sequence[float]) -> list[float]:
    """Nothing is learned from few."""
    return [round(one, 1) for one in seconds] if count >= ENOUGH else []


def _share(came: int, expected: int) -> float:
    return round(came / expected, 3) if expected >= ENOUGH else 1.0
