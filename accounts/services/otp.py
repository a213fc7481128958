"""How does a person get in by a code that is sent to them? Asked for, sent by a job, answered once; nobody learns who exists.

Asking does the same for whoever: limits, a row, a job. The job alone looks whom it is for. A code goes to contacts that were
proven; the one exception is the code by which its claimant proves a contact.
"""

import datetime as dt
from typing import NamedTuple
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.authentication import find_person
from accounts.identifiers import plain_identifier
from accounts.models import Challenge, User
from accounts.services import challenges, lockout, people
from accounts.services.challenges import Purpose
from accounts.services.lockout import Subject
from accounts.services.login import PER_ADDRESS, note_failure
from accounts.services.pace import paced
from healthcare.core import throttles
from healthcare.core.context import acting
from healthcare.core.crypto import PLATFORM, blind
from healthcare.core.delivery import budget
from healthcare.core.errors import Refused, TooMany
from healthcare.core.jobs import enqueue
from healthcare.core.keystore import keys
from healthcare.core.tenancy import on_platform
from healthcare.core.throttles import Limit

BETWEEN = Limit("code_send", 1, 60, guards=True)
AN_HOUR = Limit("code_sends", 10, 3600, guards=True)  # nobody's telephone rings all day because somebody else asks for codes
VERIFY = Limit("verify_otp", 5, 300, guards=True)
AUTO = "auto"


class BadCode(Refused):
    status = 401
    code = "bad_code"
    detail = "The code is wrong, used, overtaken by a newer one, or too old."


class Asked(NamedTuple):
    challenge_id: UUID
    expires_in: int  # seconds
    resend_in: int


def ask(*, identifier: str, channel: str = AUTO, by: UUID | None = None) -> Asked:
    """A code is on its way, if there is somebody to get it. `by`: who is signed in; for their own unproven contact the
    code proves it. Raises TooMany."""
    throttles.hit(PER_ADDRESS, acting().address)
    subject = plain_identifier(identifier)
    with paced() as pace:
        _once_a_minute(subject)
        user, claimant = find_person(identifier), people.claimant(user_id=by, identifier=subject) if by else None
        if claimant is None:
            return _sent(_new(Purpose.SIGN_IN, user, subject, channel, marked=subject))
        pace.may_be_told()
        return _sent(_contact(claimant, subject, channel))


def ask_to_prove(*, user: User) -> Asked | None:
    """A code to who has just signed up, to the first contact they gave. None where one went there a moment ago."""
    subject = plain_identifier(user.email if user.email else str(user.phone))
    try:
        _once_a_minute(subject)
    except TooMany:
        return None
    return _sent(_contact(user, subject, AUTO))


def verify(*, challenge_id: object, code: str, identifier: str | None = None, now: dt.datetime | None = None) -> User:
    """Whose code it was; a contact that it proves is theirs from now on. `identifier`: it must be the challenge's.
    Raises BadCode, TooMany, LockedOut."""
    now = now or timezone.now()
    throttles.hit(PER_ADDRESS, acting().address)
    challenge = challenges.find(challenge_id)
    if identifier is not None and challenge is not None and not _is_about(challenge, identifier):
        challenge = None
    subject = bytes(challenge.subject).hex() if challenge else f"none:{challenge_id}"
    throttles.hit(VERIFY, subject)
    lockout.count(Subject("otp", subject))
    pk = challenge.pk if challenge else UUID(int=0)
    if not challenges.answered(pk, code, now) or challenge is None or (user := _person_of(challenge)) is None:
        note_failure(f"otp|{subject}")
        raise BadCode
    throttles.give_back(VERIFY, subject)
    lockout.forgive(Subject("otp", subject))
    _note_return(challenge)
    return user


def _is_about(challenge: Challenge, identifier: str) -> bool:
    subject = plain_identifier(identifier)
    marked = f"{challenge.user_id}|{subject}" if challenge.purpose == Purpose.CONTACT else subject
    return bytes(challenge.subject) == _mark(marked)


def _mark(text: str) -> bytes:
    return blind(text, keys.index_secret(PLATFORM), "challenge")


def _once_a_minute(subject: str) -> None:
    throttles.hit(BETWEEN, subject)
    throttles.hit(AN_HOUR, subject)


def _contact(user: User, subject: str, channel: str) -> Challenge:
    return _new(Purpose.CONTACT, user, subject, channel, marked=f"{user.pk}|{subject}", address=subject)


def _new(purpose: str, user: User | None, subject: str, channel: str, *, marked: str, address: str | None = None) -> Challenge:
    row = Challenge(purpose=purpose, user=user, subject=_mark(marked), channel=channel, address=address)
    row.kind = "email" if "@" in subject else "phone"
    with on_platform(), transaction.atomic():
        challenges.make(row)
        enqueue("code.send", key=f"code.send:{row.id}", challenge_id=row.id)
    return row


def _sent(row: Challenge) -> Asked:
    life = challenges.LIFE[Purpose(row.purpose)]
    return Asked(row.id, int(life.total_seconds()), BETWEEN.seconds)


def _person_of(challenge: Challenge) -> User | None:
    """Who has shown that the address reaches them: whose it is already, else who claimed it."""
    with on_platform():
        user = User.objects.filter(pk=challenge.user_id, is_active=True).first()
        if user is not None and challenge.purpose == Purpose.CONTACT:
            return people.prove_contact(user=user, kind=challenge.kind, address=str(challenge.address))
        return user


def _note_return(challenge: Challenge) -> None:
    user = challenge.user
    number = challenge.address or (user.phone if user else None)
    if challenge.sent_by and number:
        budget.came_back(challenge.sent_by, number)
