"""How does a password change? With the old one, or by a link that is sent; either ends other sessions and known devices."""

import datetime as dt
from uuid import UUID

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.authentication import find_person, password_is_right
from accounts.domains.policy import policy_of
from accounts.domains.registry import domain_named
from accounts.events import PasswordChanged
from accounts.identifiers import plain_identifier
from accounts.models import Challenge, User
from accounts.onetime import sent_secret
from accounts.services import challenges, codes, lockout, sessions
from accounts.services.challenges import Purpose
from accounts.services.lockout import Subject
from accounts.services.login import PER_ADDRESS, note_failure
from accounts.services.pace import paced
from healthcare.core import delivery, throttles
from healthcare.core.context import acting
from healthcare.core.crypto import PLATFORM, blind
from healthcare.core.delivery import Message, Undeliverable, budget
from healthcare.core.errors import Refused
from healthcare.core.events import publish
from healthcare.core.jobs import enqueue
from healthcare.core.keystore import keys
from healthcare.core.tenancy import on_platform
from healthcare.core.throttles import Limit

ASK = Limit("reset", 3, 3600, guards=True)
PAGE = "/password/reset"  # reads the secret from the address's fragment, which browsers send to nobody


class BadLink(Refused):
    status = 401
    code = "bad_link"
    detail = "The link was used, overtaken by a newer one, or is too old; ask for another."


class WrongPassword(Refused):
    status = 403
    code = "wrong_password"
    detail = "This is not your present password."


class WeakPassword(Refused):
    status = 400
    code = "weak_password"
    detail = "This password is too short for what you may do here, or too common."


def forgot(*, identifier: str) -> None:
    """A link is on its way, if there is somebody to get it. Raises TooMany after three in an hour."""
    throttles.hit(PER_ADDRESS, acting().address)
    subject = plain_identifier(identifier)
    with paced():
        user = find_person(identifier)
        throttles.hit(ASK, subject)
        mark = blind(f"reset|{user.pk if user else subject}", keys.index_secret(PLATFORM), "challenge")
        row = Challenge(purpose=Purpose.RESET, user=user, subject=mark, kind="email" if "@" in subject else "phone")
        with on_platform(), transaction.atomic():
            challenges.make_link(row)
            enqueue("password.send_link", key=f"password.send_link:{row.id}", challenge_id=row.id)


def reset(*, token: str, password: str, now: dt.datetime | None = None) -> None:
    """Set a new password by a link's secret, once; every session ends. Raises BadLink, WeakPassword, TooMany."""
    now = now or timezone.now()
    throttles.hit(PER_ADDRESS, acting().address)
    row = challenges.with_secret(token, Purpose.RESET, now)
    with on_platform(), transaction.atomic():
        user = User.objects.select_for_update().filter(pk=row.user_id if row else None, is_active=True).first()
        if row is None or user is None:
            raise BadLink
        _strong_enough(user, password)
        if not challenges.end(row.pk, now):
            raise BadLink
        _set(user, password, why="reset", but=None)
    for contact in filter(None, (user.email, user.phone)):  # the mailbox was shown to be theirs: no stranger's lock stays
        lockout.forgive(Subject("password", plain_identifier(contact)))


def change(*, user: User, session_id: UUID, present: str, new: str) -> None:
    """With the present password; other sessions end. Raises WrongPassword, WeakPassword, LockedOut."""
    prove_present(user=user, password=present)
    with on_platform(), transaction.atomic():
        user = User.objects.select_for_update().get(pk=user.pk)
        _strong_enough(user, new)
        _set(user, new, why="changed", but=session_id)


def prove_present(*, user: User, password: str) -> None:
    """Who is signed in knows their password; counted first. Raises WrongPassword, LockedOut."""
    subject = Subject("password", f"present|{user.pk}")
    lockout.count(subject)
    if not password_is_right(user, password):
        note_failure(subject.name)
        raise WrongPassword
    lockout.forgive(subject)


def send_link(*, challenge_id: UUID, now: dt.datetime) -> None:
    """Send it to the contact that was named, if it is anybody's. Raises TryAgain when no way was open."""
    row = Challenge.objects.select_related("user").filter(pk=challenge_id, ended_at=None, sent_at=None).first()
    if row is None or row.user is None or not row.user.is_active or row.expires_at <= now:
        return
    said = domain_named(policy_of(row.user.pk).domains[0]).says("password_reset", row.user.language)
    minutes = int(challenges.LIFE[Purpose.RESET].total_seconds() // 60)
    link = f"{settings.BASE_URL.rstrip('/')}{PAGE}#{sent_secret(row)}"
    named = {"link": link, "minutes": minutes, "place": codes.place_of(row.user)}
    address, channel = getattr(row.user, row.kind), {"email": "email", "phone": "sms"}[row.kind]
    if not address or delivery.sender(channel) is None:
        return
    subject, text = said.subject.format(**named), said.text.format(**named)
    message = Message(to=address, subject=subject, text=text, key=f"reset:{row.pk}:{channel}", language=row.user.language)
    try:
        budget.spend(channel, address)
        delivery.send(channel, message)
    except Undeliverable:
        return
    Challenge.objects.filter(pk=row.pk).update(sent_at=now, sent_by=channel)


def _strong_enough(user: User, password: str) -> None:
    try:
        validate_password(password, user)
    except ValidationError:
        raise WeakPassword from None
    if len(password) < policy_of(user.pk).password_min_length:
        raise WeakPassword


def _set(user: User, password: str, *, why: str, but: UUID | None) -> None:
    user.set_password(password)
    user.save(update_fields=["password"])
    sessions.end_all_sessions(user_id=user.pk, why="password_changed", but=but)
    publish(PasswordChanged(user_id=user.pk, why=why))
