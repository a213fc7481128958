"""How does an authenticator app become somebody's second step, how is its code checked, and what if it is lost?"""

import datetime as dt
import secrets
from base64 import b32decode
from typing import NamedTuple
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts import onetime, signed_in
from accounts.events import SecondStepChanged
from accounts.models import RecoveryCode, Session, Totp, User
from accounts.services import challenges, lockout
from accounts.services.challenges import Purpose
from accounts.services.lockout import Subject
from accounts.services.login import PER_ADDRESS, Entered, enter, note_failure
from accounts.services.otp import BadCode
from accounts.services.sessions import Device
from healthcare.core import throttles
from healthcare.core.context import acting
from healthcare.core.errors import Refused
from healthcare.core.events import publish
from healthcare.core.tenancy import on_platform

CODES = 10
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that looks like another
LENGTH = 10  # of a recovery code: some 49 bits


class AlreadySetUp(Refused):
    code = "already_set_up"
    detail = "You have an authenticator already; remove it first."


class NotSetUp(Refused):
    code = "not_set_up"
    detail = "You have no authenticator."


class Enrolment(NamedTuple):
    secret: str
    uri: str


def enrol(*, user: User) -> Enrolment:
    """A new secret, which counts once `confirm` has seen a code of it. Raises AlreadySetUp."""
    with on_platform(), transaction.atomic():
        User.objects.select_for_update().only("id").get(pk=user.pk)
        if Totp.objects.filter(user=user, confirmed_at__isnull=False).exists():
            raise AlreadySetUp
        row = Totp.objects.filter(user=user).first() or Totp(user=user)
        row.secret, row.created_at = onetime.new_secret(), timezone.now()
        row.save()
    return Enrolment(row.secret, onetime.uri(row.secret, user.email or user.phone or str(user.pk)))


def confirm(*, user: User, code: str, session_id: UUID, now: dt.datetime | None = None) -> list[str]:
    """The app shows the right code: it counts from now on. Answers the recovery codes, once. Raises BadCode, NotSetUp."""
    now = now or timezone.now()
    subject = Subject("totp", str(user.pk))
    lockout.count(subject)
    with on_platform(), transaction.atomic():
        row = Totp.objects.select_for_update().filter(user=user, confirmed_at=None).first()
        if row is None:
            raise NotSetUp
        step = onetime.step_of(code, b32decode(row.secret), now)
        if step is not None:
            row.confirmed_at, row.last_step = now, step
            row.save()
            Session.objects.filter(pk=session_id).update(second_step=True, limited=False)
            publish(SecondStepChanged(user_id=user.pk, what="set_up"))
            made = _new_codes(user)
    if step is None:
        raise BadCode
    lockout.forgive(subject)
    signed_in.forget(session_id)
    return made


def finish(*, mfa_token: str, code: str, device: Device, now: dt.datetime | None = None) -> Entered:
    """The second step of a sign-in. Raises BadCode, LockedOut, TooMany."""
    now = now or timezone.now()
    throttles.hit(PER_ADDRESS, acting().address)
    pending = challenges.with_secret(mfa_token, Purpose.SECOND_STEP, now)
    if pending is None or pending.user_id is None or not challenges.counted(pending.pk, now):
        raise BadCode
    check(user_id=pending.user_id, code=code, now=now)
    user = User.objects.filter(pk=pending.user_id, is_active=True).first()
    if user is None or not challenges.end(pending.pk, now):
        raise BadCode
    return enter(user=user, device=device, second_step_given=True)


def check(*, user_id: UUID, code: str, now: dt.datetime) -> None:
    """A code of the app, or a recovery code; each works once. Raises BadCode, LockedOut."""
    subject = Subject("totp", str(user_id))
    lockout.count(subject)
    if not (_used_step(user_id, code, now) or _used_recovery(user_id, code, now)):
        note_failure(f"totp|{user_id}")
        raise BadCode
    lockout.forgive(subject)


def renew_codes(*, user: User) -> list[str]:
    """Ten new recovery codes; the former are void. Raises NotSetUp."""
    with on_platform(), transaction.atomic():
        if not Totp.objects.select_for_update().filter(user=user, confirmed_at__isnull=False).exists():
            raise NotSetUp
        publish(SecondStepChanged(user_id=user.pk, what="codes_renewed"))
        return _new_codes(user)


def remove(*, user: User) -> None:
    """No second step any more. Raises NotSetUp."""
    with on_platform(), transaction.atomic():
        row = Totp.objects.select_for_update().filter(user=user).first()
        if row is None:
            raise NotSetUp
        for code in RecoveryCode.objects.filter(user=user):
            code.delete()
        row.delete()
        publish(SecondStepChanged(user_id=user.pk, what="removed"))


def left(user_id: UUID) -> int:
    """How many recovery codes are still good."""
    return RecoveryCode.objects.filter(user_id=user_id, used_at=None).count()


def _used_step(user_id: UUID, code: str, now: dt.datetime) -> bool:
    with on_platform():
        row = Totp.objects.filter(user_id=user_id, confirmed_at__isnull=False).first()
        step = onetime.step_of(code, b32decode(row.secret), now) if row else None
        later = Totp.objects.filter(user_id=user_id, last_step__lt=step) if step is not None else Totp.objects.none()
        return bool(later.update(last_step=step))  # one of many who show the same code at once (RFC 6238 5.2)


def _used_recovery(user_id: UUID, code: str, now: dt.datetime) -> bool:
    plain = "".join(letter for letter in code.lower() if letter in LETTERS)
    with on_platform(), transaction.atomic():
        unused = RecoveryCode.objects.filter(user_id=user_id, used_at=None, digest=_digest(user_id, plain))
        used = bool(unused.update(used_at=now))
        if used:
            publish(SecondStepChanged(user_id=user_id, what="code_used"))
    return used


def _new_codes(user: User) -> list[str]:
    RecoveryCode.objects.filter(user=user).delete()
    made = ["".join(secrets.choice(LETTERS) for _ in range(LENGTH)) for _ in range(CODES)]
    RecoveryCode.objects.bulk_create([RecoveryCode(user=user, digest=_digest(user.pk, code)) for code in made])
    return [f"{code[:5]}-{code[5:]}" for code in made]


def _digest(user_id: UUID, code: str) -> bytes:
    return onetime.digest_of(code, user_id.bytes)
