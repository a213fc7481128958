"""How does a person prove who they are? Counted first, verified second; known and unknown identifiers look alike."""

from django.db import transaction

from accounts.authentication import check_password
from accounts.events import PersonSignedIn, SignInFailed
from accounts.identifiers import plain_identifier
from accounts.models import User
from accounts.services.sessions import Device, Tokens, open_session
from healthcare.core import throttles
from healthcare.core.context import acting
from healthcare.core.crypto import PLATFORM, blind
from healthcare.core.errors import Refused
from healthcare.core.events import publish
from healthcare.core.keystore import keys
from healthcare.core.tenancy import on_platform
from healthcare.core.throttles import Limit

PER_IDENTIFIER = Limit("login", 5, 60)
PER_ADDRESS = Limit("login_address", 60, 60)


class BadLogin(Refused):
    status = 401
    code = "bad_login"
    detail = "Identifier or password is wrong."


def sign_in_person(*, identifier: str, password: str) -> User:
    """The person, or BadLogin; TooMany past the limits. A success gives its try back."""
    subject = plain_identifier(identifier)
    throttles.hit(PER_ADDRESS, acting().address)
    throttles.hit(PER_IDENTIFIER, subject)
    user = check_password(identifier, password)
    if user is None:
        with on_platform(), transaction.atomic():
            publish(SignInFailed(mark=_mark(subject)))
        raise BadLogin
    throttles.give_back(PER_IDENTIFIER, subject)
    return user


def login(*, identifier: str, password: str, device: Device) -> tuple[User, Tokens]:
    user = sign_in_person(identifier=identifier, password=password)
    with on_platform(), transaction.atomic():
        tokens = open_session(user=user, device=device)
        publish(PersonSignedIn(user_id=user.id, session_id=tokens.session.id))
    return user, tokens


def _mark(subject: str) -> str:
    """By which failed tries on one identifier are seen to belong together, without the identifier."""
    return blind(subject, keys.index_secret(PLATFORM), "sign_in")[:16].hex()
