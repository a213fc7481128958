"""How does a person get in by password? Counted first, verified second; known and unknown identifiers look alike."""

from typing import NamedTuple

from django.db import transaction

from accounts import devices
from accounts.authentication import find_person, password_is_right
from accounts.events import PersonSignedIn, SignInFailed
from accounts.identifiers import plain_identifier
from accounts.models import User
from accounts.services import challenges, lockout, second_step
from accounts.services.lockout import Subject
from accounts.services.pace import paced
from accounts.services.sessions import Device, Tokens, open_session
from healthcare.core import throttles
from healthcare.core.context import acting
from healthcare.core.crypto import PLATFORM, blind
from healthcare.core.errors import Refused
from healthcare.core.events import publish
from healthcare.core.keystore import keys
from healthcare.core.tenancy import on_platform
from healthcare.core.throttles import Limit

PER_IDENTIFIER = Limit("login", 5, 60, guards=True)
PER_ADDRESS = Limit("login_address", 60, 60, guards=True)


class BadLogin(Refused):
    status = 401
    code = "bad_login"
    detail = "Identifier or password is wrong."


class Entered(NamedTuple):
    """How far somebody got: in (`tokens`), or to the second step (`mfa_token`). `device_token` marks the device as known."""

    user: User
    tokens: Tokens | None = None
    mfa_token: str = ""
    device_token: str = ""


class Proven(NamedTuple):
    user: User
    device_number: bytes | None  # of a known device


def sign_in_person(*, identifier: str, password: str, device_token: str = "") -> Proven:
    """The person, or BadLogin after SIGN_IN_BEAT; TooMany and LockedOut past the limits. A success gives its try back.

    On a device that they were signed in on before, their tries are counted apart: strangers can't lock them out there.
    """
    throttles.hit(PER_ADDRESS, acting().address)
    subject = plain_identifier(identifier)
    with paced() as pace:
        user = find_person(identifier)
        number = devices.number_of(device_token, user)
        counted = f"{subject}|{number.hex()}" if number else subject
        throttles.hit(PER_IDENTIFIER, counted)
        lockout.count(Subject("password", counted))
        if not password_is_right(user, password) or user is None:
            note_failure(subject)
            raise BadLogin
        pace.may_be_told()
    throttles.give_back(PER_IDENTIFIER, counted)
    lockout.forgive(Subject("password", counted))
    return Proven(user, number)


def login(*, identifier: str, password: str, device: Device, device_token: str = "") -> Entered:
    """In, or at the second step. Raises what `sign_in_person` raises."""
    proven = sign_in_person(identifier=identifier, password=password, device_token=device_token)
    return enter(user=proven.user, device=device, number=proven.device_number)


def enter(*, user: User, device: Device, number: bytes | None = None, second_step_given: bool = False) -> Entered:
    """Open a session for who has proven themself; who has an authenticator is asked for its code first."""
    if not second_step_given and second_step.has(user.id):
        return Entered(user, mfa_token=challenges.ask_second_step(user_id=user.id))
    with on_platform(), transaction.atomic():
        tokens = open_session(user=user, device=device, second_step=second_step_given)
        publish(PersonSignedIn(user_id=user.id, session_id=tokens.session.id))
    return Entered(user, tokens, device_token=devices.token_for(user, number))


def device_token_of(user: User) -> str:
    return devices.token_for(user)


def note_failure(subject: str) -> None:
    """Failed tries on one identifier are seen to belong together on the trail, without the identifier."""
    with on_platform(), transaction.atomic():
        publish(SignInFailed(mark=blind(subject, keys.index_secret(PLATFORM), "sign_in")[:16].hex()))
