"""How do people sign up, in and out, and see themselves? Parse, one verb, answer."""

from typing import Any

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.response import Response

from accounts import tokens
from accounts.models import User
from accounts.serializers import (
    LoginInput,
    LogoutInput,
    PersonOutput,
    ProfileInput,
    RefreshInput,
    RegisterInput,
    SignedInOutput,
    TokensOutput,
)
from accounts.services import login, people, sessions
from accounts.services.sessions import Device, Tokens
from healthcare.core import throttles
from healthcare.core.context import acting
from healthcare.core.throttles import Limit
from healthcare.core.views import OPEN, SIGNED_IN, PlatformViewSet

REGISTER = Limit("register", 120, 60)
REFRESH = Limit("refresh", 10, 300)


def device_of(request: Any) -> Device:
    return Device(request.headers.get("User-Agent", "")[:200].encode("ascii", "replace").decode(), acting().address or None)


def tokens_answer(made: Tokens) -> dict[str, Any]:
    return {
        "access": made.access,
        "refresh": made.refresh,
        "expires_in": tokens.ACCESS_SECONDS,
        "session_id": made.session.id,
    }


class AuthViewSet(PlatformViewSet):
    tags = ("auth",)
    needs = {"register": OPEN, "login": OPEN, "refresh": OPEN, "logout": SIGNED_IN}

    @extend_schema(request=RegisterInput, responses={201: SignedInOutput})
    def register(self, request: Any) -> Response:
        throttles.hit(REGISTER, acting().address)
        user = people.register(**self.parsed(RegisterInput), clinic=self.clinic)
        return self._signed_in(user, sessions.open_session(user=user, device=device_of(request)), 201)

    @extend_schema(request=LoginInput, responses={200: SignedInOutput})
    def login(self, request: Any) -> Response:
        user, made = login.login(**self.parsed(LoginInput), device=device_of(request))
        return self._signed_in(user, made, 200)

    @extend_schema(request=RefreshInput, responses={200: TokensOutput})
    def refresh(self, request: Any) -> Response:
        token = self.parsed(RefreshInput)["refresh"]
        throttles.hit(REFRESH, str(tokens.read_refresh(token).session_id))
        made = sessions.refresh(token=token, device=device_of(request))
        return Response(TokensOutput(tokens_answer(made)).data)

    @extend_schema(request=LogoutInput, responses={204: OpenApiResponse(description="Signed out.")})
    def logout(self, request: Any) -> Response:
        if self.parsed(LogoutInput)["all_devices"]:
            sessions.end_all_sessions(user_id=request.user.pk, why="logout")
        else:
            sessions.end_session(session_id=request.auth.session_id, why="logout")
        return Response(status=204)

    def _signed_in(self, user: User, made: Tokens, status: int) -> Response:
        return Response(SignedInOutput({**tokens_answer(made), "user": user}).data, status=status)


class ProfileViewSet(PlatformViewSet):
    """One's own profile, on the platform."""

    tags = ("users",)
    needs = {"retrieve": SIGNED_IN, "update": SIGNED_IN, "partial_update": SIGNED_IN}

    @extend_schema(responses={200: PersonOutput})
    def retrieve(self, request: Any) -> Response:
        return self.answer(self._me(), PersonOutput)

    @extend_schema(request=ProfileInput, responses={200: PersonOutput})
    def update(self, request: Any) -> Response:
        return self._change()

    @extend_schema(request=ProfileInput, responses={200: PersonOutput})
    def partial_update(self, request: Any) -> Response:
        return self._change()

    def _me(self) -> User:
        return User.objects.get(pk=self.request.user.pk)

    def _change(self) -> Response:
        me, changes = self._me(), self.parsed(ProfileInput)
        self.fresh(me)
        return self.answer(people.change_profile(user=me, **changes), PersonOutput)
