"""How is something asked of a person that they may answer once? Codes and secrets with an end; the newest counts."""

import datetime as dt
import hashlib
import secrets
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from accounts.models import Challenge
from accounts.onetime import digest_of, sent_code, sent_secret
from healthcare.core.ids import as_id
from healthcare.core.tenancy import on_platform

Purpose = Challenge.Purpose
LIFE = {
    Purpose.SIGN_IN: dt.timedelta(minutes=5),
    Purpose.CONTACT: dt.timedelta(minutes=5),
    Purpose.SECOND_STEP: dt.timedelta(minutes=5),
    Purpose.RESET: dt.timedelta(minutes=15),
}
TRIES = 3
# the row's lock lets three through and no more, however many come at once; who is not let through gets no row back
TRY = """
UPDATE accounts_challenge SET tries = tries + 1
WHERE id = %s AND ended_at IS NULL AND expires_at > %s AND tries < %s RETURNING digest
"""


def make(challenge: Challenge) -> Challenge:
    """Write it with a code of its own; it takes the place of the one before."""
    challenge.salt = secrets.token_bytes(16)
    challenge.digest = digest_of(sent_code(challenge), challenge.id.bytes)
    return _written(challenge)


def make_link(challenge: Challenge) -> Challenge:
    """The same with a secret too long to guess, which goes out as part of a link."""
    challenge.salt = secrets.token_bytes(16)
    challenge.digest = digest_of_secret(sent_secret(challenge))
    return _written(challenge)


def ask_second_step(*, user_id: UUID) -> str:
    """The password was right: what the answer must carry beside the authenticator's code."""
    challenge = Challenge(purpose=Purpose.SECOND_STEP, user_id=user_id, subject=secrets.token_bytes(16))
    return sent_secret(make_link(challenge))


def answered(challenge_id: UUID, code: str, now: dt.datetime) -> bool:
    """Count a try and say whether it was the right one: true once."""
    if not (digest := counted(challenge_id, now)):
        return False
    right = secrets.compare_digest(digest, digest_of(code, challenge_id.bytes))
    return right and end(challenge_id, now)


def counted(challenge_id: UUID, now: dt.datetime) -> bytes:
    """Count a try; empty when none is left, or the challenge is over or none."""
    with on_platform(), connection.cursor() as cursor:
        cursor.execute(TRY, [challenge_id, now, TRIES])
        row = cursor.fetchone()
    return bytes(row[0]) if row else b""


def end(challenge_id: UUID, now: dt.datetime) -> bool:
    """Use it up. One caller is told yes."""
    with on_platform():
        return bool(Challenge.objects.filter(pk=challenge_id, ended_at=None, expires_at__gt=now).update(ended_at=now))


def with_secret(secret: str, purpose: str, now: dt.datetime) -> Challenge | None:
    """The challenge that is still open and has this secret."""
    with on_platform():
        open_ones = Challenge.objects.filter(purpose=purpose, ended_at=None, expires_at__gt=now)
        return open_ones.filter(digest=digest_of_secret(secret)).first()


def find(challenge_id: object) -> Challenge | None:
    """A challenge whose code is sent to people."""
    wanted = as_id(challenge_id)
    with on_platform():
        return Challenge.objects.filter(pk=wanted, purpose__in=[Purpose.SIGN_IN, Purpose.CONTACT]).first()


def prune(*, now: dt.datetime) -> int:
    with on_platform():
        return Challenge.objects.filter(expires_at__lt=now - dt.timedelta(days=1)).delete()[0]


def digest_of_secret(secret: str) -> bytes:
    return hashlib.sha256(secret.encode(errors="replace")).digest()


def _written(challenge: Challenge) -> Challenge:
    now = timezone.now()
    challenge.created_at, challenge.expires_at = now, now + LIFE[Purpose(challenge.purpose)]
    same = Challenge.objects.filter(purpose=challenge.purpose, subject=challenge.subject, ended_at=None)
    with on_platform(), transaction.atomic():
        with connection.cursor() as cursor:  # of two at once the second comes after the first and takes its place
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [int.from_bytes(challenge.subject[:8], "big", signed=True)])
        same.update(ended_at=now)
        challenge.save(force_insert=True)
    return challenge
