"""Who is calling? A bearer token names a session; the session says the rest. The admin's login asks the same tables."""

import secrets
from functools import cache
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import check_password, make_password
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed

from accounts import signed_in, tokens
from accounts.identifiers import NotAnIdentifier
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


def find_person(identifier: str) -> User | None:
    """Whose identifier this is; one query, whether or not it is anybody's."""
    with on_platform():
        try:
            return User.objects.with_identifier(identifier).first()
        except NotAnIdentifier:
            return User.objects.filter(pk=None).first()


def password_is_right(user: User | None, password: str) -> bool:
    """Whether it is the active person's password. Nobody's, and none, cost the same work as a wrong one."""
    usable = user is not None and user.has_usable_password()
    right = check_password(password, user.password if user and usable else _nobodys(settings.PASSWORD_HASHERS[0]))
    return right and usable and user is not None and user.is_active


@cache
def _nobodys(hasher: str) -> str:
    """A hash that no password has, made with the same work as people's."""
    return make_password(secrets.token_urlsafe(32))


class AdminLogin:
    """Loads who is signed in to the admin. It lets nobody in: the login form does, by the API's own verb."""

    def authenticate(self, request: Any, **credentials: Any) -> None:
        return None

    def get_user(self, user_id: Any) -> User | None:
        with on_platform():
            return User.objects.filter(pk=user_id, is_active=True).first()
