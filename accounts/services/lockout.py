"""When is somebody kept out who failed too often? After five failures, for 10, 25, 45, 60 and then 360 minutes each time.

Counted before anything is verified: a try is a failure until `forgive` says that it was none. One statement under the row's
lock lets exactly five through, however many ask at once. The limits of `throttles`, which come first, keep floods away from
it; that PostgreSQL alone keeps the locks means that neither an end nor a loss of Valkey opens one.
"""

import datetime as dt
import hashlib
from typing import NamedTuple

from django.conf import settings
from django.db import connection
from django.utils import timezone

from accounts.models import Lock
from healthcare.core.errors import TooMany
from healthcare.core.tenancy import on_platform

FAILURES = 5
MINUTES = (10, 25, 45, 60, 360)
FORGOTTEN = dt.timedelta(hours=24)  # without a try: the next lock is the first again

# No row comes back for who is locked. The fifth try locks and is itself still looked at.
TRY = """
INSERT INTO accounts_lock AS l (key, failures, step, until, at) VALUES (%(key)s, 1, 0, NULL, %(now)s)
ON CONFLICT (key) DO UPDATE SET
  failures = CASE WHEN l.at < %(stale)s THEN 1 WHEN l.failures + 1 >= %(limit)s THEN 0 ELSE l.failures + 1 END,
  step = CASE WHEN l.at < %(stale)s THEN 0 WHEN l.failures + 1 >= %(limit)s THEN LEAST(l.step + 1, %(steps)s) ELSE l.step END,
  until = CASE WHEN l.at >= %(stale)s AND l.failures + 1 >= %(limit)s
               THEN %(now)s + (%(minutes)s::int[])[LEAST(l.step + 1, %(steps)s)] * interval '1 minute' END,
  at = %(now)s
WHERE l.until IS NULL OR l.until <= %(now)s
RETURNING 1
"""


class LockedOut(TooMany):
    code = "locked_out"
    detail = "Too many failed tries; wait, or ask for a new password."


class Subject(NamedTuple):
    """Whose tries are counted together: a way to prove (`password`, `otp`, `totp`) and an identifier or person."""

    way: str
    name: str

    @property
    def key(self) -> bytes:
        return hashlib.sha256(f"{self.way}\x1f{self.name}".encode(errors="replace")).digest()


def count(subject: Subject, *, now: dt.datetime | None = None) -> None:
    """Count a try, before it is looked at. Raises LockedOut with the seconds to wait."""
    now = now or timezone.now()
    given = {
        "key": subject.key,
        "now": now,
        "stale": now - FORGOTTEN,
        "limit": FAILURES * settings.LIMITS_TIMES,
        "steps": len(MINUTES),
        "minutes": list(MINUTES),
    }
    with on_platform(), connection.cursor() as cursor:
        cursor.execute(TRY, given)
        if cursor.fetchone() is not None:
            return
        until = Lock.objects.filter(pk=subject.key).values_list("until", flat=True).first()
    raise LockedOut(retry_after=max(1, -(-int(((until or now) - now).total_seconds() * 1000) // 1000)))


def forgive(subject: Subject) -> None:
    """It was right: nothing of it stays."""
    with on_platform():
        Lock.objects.filter(pk=subject.key).delete()


def prune(*, now: dt.datetime) -> int:
    with on_platform():
        return Lock.objects.filter(at__lt=now - FORGOTTEN).exclude(until__gt=now).delete()[0]
