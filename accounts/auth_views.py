"""How do people sign up, in and out, and see where they are signed in? Parse, one verb, answer."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.response import Response

from accounts import tokens
from accounts.models import Session
from accounts.proof_shapes import (
    LoginInput,
    LogoutInput,
    RefreshInput,
    RegisteredOutput,
    RequestOtpInput,
    RequestOtpOutput,
    SecondStepOutput,
    SessionOutput,
    SignedInOutput,
    TokensOutput,
    VerifyOtpInput,
)
from accounts.serializers import RegisterInput
from accounts.services import challenges, login, otp, people, sessions
from accounts.services.login import Entered
from accounts.services.sessions import Device, Tokens
from healthcare.core import throttles
from healthcare.core.context import acting
from healthcare.core.throttles import Limit
from healthcare.core.views import OPEN, SIGNED_IN, PlatformViewSet

REGISTER = Limit("register", 120, 60, guards=True)
REFRESH = Limit("refresh", 10, 300, guards=True)
IN_OR_NEXT_STEP = {200: SignedInOutput, 202: SecondStepOutput}


def device_of(request: Any) -> Device:
    return Device(request.headers.get("User-Agent", "")[:200].encode("ascii", "replace").decode(), acting().address or None)


def tokens_answer(made: Tokens) -> dict[str, Any]:
    return {
        "access": made.access,
        "refresh": made.refresh,
        "expires_in": tokens.ACCESS_SECONDS,
        "session_id": made.session.id,
    }


def entered(found: Entered, status: int = 200, output: Any = SignedInOutput, **more: Any) -> Response:
    """The tokens, or (202) what the second step needs."""
    if found.tokens is None:
        life = int(challenges.LIFE[challenges.Purpose.SECOND_STEP].total_seconds())
        waiting = {"mfa_token": found.mfa_token, "methods": ["totp", "recovery_code"], "expires_in": life}
        return Response(SecondStepOutput(waiting).data, status=202)
    known = {
        **tokens_answer(found.tokens),
        "user": found.user,
        "device_token": found.device_token,
        "mfa_setup_required": found.tokens.session.limited,
    }
    return Response(output({**known, **more}).data, status=status)


class AuthViewSet(PlatformViewSet):
    tags = ("auth",)
    needs = {
        "register": OPEN,
        "login": OPEN,
        "request_otp": OPEN,
        "verify_otp": OPEN,
        "refresh": OPEN,
        "logout": SIGNED_IN,
    }

    @extend_schema(request=RegisterInput, responses={201: RegisteredOutput})
    def register(self, request: Any) -> Response:
        """Sign up. The answer is the same whether or not the contacts are somebody's already: until a code proves one
        (`challenge`), nobody is found by it, and one signs in again only by what was proven."""
        throttles.hit(REGISTER, acting().address)
        user = people.register(**self.parsed(RegisterInput), clinic=self.clinic, pending=True)
        asked = otp.ask_to_prove(user=user)
        found = login.enter(user=user, device=device_of(request))
        return entered(found, 201, RegisteredOutput, challenge=asked.challenge_id if asked else None)

    @extend_schema(request=LoginInput, responses=IN_OR_NEXT_STEP)
    def login(self, request: Any) -> Response:
        given = self.parsed(LoginInput)
        if "password" in given:
            given = {name: given[name] for name in ("identifier", "password", "device_token")}
            return entered(login.login(**given, device=device_of(request)))
        user = otp.verify(challenge_id=given["challenge"], code=given["code"], identifier=given["identifier"])
        return entered(login.enter(user=user, device=device_of(request)))

    @extend_schema(request=RequestOtpInput, responses={202: RequestOtpOutput})
    def request_otp(self, request: Any) -> Response:
        """Have a one-time code sent, if there is somebody to get it. Signed in, for one's own unproven contact: to prove it."""
        asked = otp.ask(**self.parsed(RequestOtpInput), by=request.user.pk if request.auth else None)
        return Response(RequestOtpOutput(asked).data, status=202)

    @extend_schema(request=VerifyOtpInput, responses=IN_OR_NEXT_STEP)
    def verify_otp(self, request: Any) -> Response:
        """Sign in by the code that was sent; a contact that it proves is the person's from now on. Who is signed in as this
        person already stays in the same session."""
        given = self.parsed(VerifyOtpInput)
        user = otp.verify(challenge_id=given["challenge"], code=given["code"])
        if request.auth and request.auth.user_id == user.pk:
            session = Session.objects.get(pk=request.auth.session_id)
            return entered(login.Entered(user, sessions.tokens_of(session), device_token=login.device_token_of(user)))
        return entered(login.enter(user=user, device=device_of(request)))

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


class SessionViewSet(PlatformViewSet):
    """Where one is signed in."""

    tags = ("auth",)
    needs = {"list": SIGNED_IN, "destroy": SIGNED_IN}

    @extend_schema(responses={200: SessionOutput(many=True)})
    def list(self, request: Any) -> Response:
        """One's own open sessions, the newest first."""
        return self.page(Session.objects.open_of(request.user.pk), SessionOutput)

    @extend_schema(request=None, responses={204: OpenApiResponse(description="It has ended.")})
    def destroy(self, request: Any, session_id: UUID) -> Response:
        sessions.end_own_session(user_id=request.user.pk, session_id=session_id)
        return Response(status=204)
