"""Who is calling? A bearer token names a session; the session says the rest. The admin's login asks the same tables."""

from typing import Any

from django.contrib.auth.hashers import make_password
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed

from accounts import signed_in, tokens
from accounts.models import User
from healthcare.core.context import note_actor
from healthcare.core.tenancy import on_platform


class Caller:
    """The signed-in person as Django and DRF see them: an id, and no query until more is asked."""

    is_authenticated = True
    is_anonymous = False
    is_active = True

    def __init__(self, pk: Any) -> None:
        self.pk = self.id = pk

    def __str__(self) -> str:
        return str(self.pk)


class Bearer(BaseAuthentication):
    """`Authorization: Bearer <access token>`."""

    def authenticate(self, request: Any) -> tuple[Caller, signed_in.SignedIn] | None:
        kind, _, token = request.headers.get("Authorization", "").partition(" ")
        if kind.lower() != "bearer":
            return None
        try:
            claims = tokens.read_access(token.strip())
        except tokens.NotSignedIn:
            raise AuthenticationFailed("The access token is not valid; refresh it or sign in.") from None
        who = signed_in.find(claims.session_id)
        if who is None or who.user_id != claims.user_id:
            raise AuthenticationFailed("The session has ended; sign in again.")
        note_actor(who.user_id, who.session_id)
        return Caller(who.user_id), who

    def authenticate_header(self, request: Any) -> str:
        return "Bearer"


def check_password(identifier: str, password: str) -> User | None:
    """The active person with this identifier and password, or None; takes the same time for unknown identifiers."""
    from accounts.identifiers import NotAnIdentifier

    with on_platform():
        try:
            user = User.objects.with_identifier(identifier).first()
        except NotAnIdentifier:
            user = None
    if user is None or not user.has_usable_password():
        make_password(password)  # the same work, so that time does not tell who exists
        return None
    return user if user.check_password(password) and user.is_active else None


class AdminLogin:
    """Django's login form, on the same tables, limits and refusals as the API's."""

    def authenticate(self, request: Any, username: str = "", password: str = "") -> User | None:
        from accounts.services.login import BadLogin, sign_in_person
        from healthcare.core.errors import TooMany

        try:
            return sign_in_person(identifier=username, password=password)
        except (BadLogin, TooMany):
            return None

    def get_user(self, user_id: Any) -> User | None:
        with on_platform():
            return User.objects.filter(pk=user_id, is_active=True).first()
