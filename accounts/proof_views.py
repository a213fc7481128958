"""How do people change what they prove themselves with? Passwords, the authenticator, showing it once more."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.response import Response

from accounts.auth_views import device_of, entered
from accounts.models import User
from accounts.proof_shapes import (
    ChangePasswordInput,
    EnrolmentOutput,
    ForgotInput,
    RecoveryCodesOutput,
    ResetInput,
    SecondStepInput,
    SecondStepStateOutput,
    SignedInOutput,
    StepUpInput,
    TotpCodeInput,
)
from accounts.services import passwords, second_step, step_up, totp
from healthcare.core.shapes import Nothing
from healthcare.core.views import OPEN, SIGNED_IN, PlatformViewSet

DONE = {204: OpenApiResponse(description="Done.")}


class PasswordViewSet(PlatformViewSet):
    tags = ("auth",)
    needs = {"forgot": OPEN, "reset": OPEN, "change": SIGNED_IN}

    @extend_schema(
        request=ForgotInput, responses={202: OpenApiResponse(description="On its way, if there is somebody to get it.")}
    )
    def forgot(self, request: Any) -> Response:
        """Have a link sent, good once for 15 minutes. The answer is the same whether or not the identifier is anybody's."""
        passwords.forgot(**self.parsed(ForgotInput))
        return Response(status=202)

    @extend_schema(request=ResetInput, responses=DONE)
    def reset(self, request: Any) -> Response:
        """Set a new password by the link's token. Every session ends."""
        passwords.reset(**self.parsed(ResetInput))
        return Response(status=204)

    @extend_schema(request=ChangePasswordInput, responses=DONE)
    def change(self, request: Any) -> Response:
        """Every other session ends."""
        given = self.parsed(ChangePasswordInput)
        me = User.objects.get(pk=request.user.pk)
        session_id = request.auth.session_id
        passwords.change(user=me, session_id=session_id, present=given["current_password"], new=given["new_password"])
        return Response(status=204)


class StepUpViewSet(PlatformViewSet):
    tags = ("auth",)
    needs = {"create": SIGNED_IN}

    @extend_schema(request=StepUpInput, responses=DONE)
    def create(self, request: Any) -> Response:
        """Show once more who you are; for ten minutes this session may do what asks for it (`step_up_required`)."""
        given, me = self.parsed(StepUpInput), User.objects.get(pk=request.user.pk)
        step_up.prove(user=me, session_id=request.auth.session_id, **given, now=timezone.now())
        return Response(status=204)


class TotpViewSet(PlatformViewSet):
    """The authenticator app."""

    tags = ("auth",)
    needs = {
        "retrieve": SIGNED_IN,
        "create": SIGNED_IN,
        "confirm": SIGNED_IN,
        "verify": OPEN,
        "renew_codes": SIGNED_IN,
        "destroy": SIGNED_IN,
    }

    @extend_schema(responses={200: SecondStepStateOutput})
    def retrieve(self, request: Any) -> Response:
        me = request.user.pk
        asked = second_step.asked_of(me, now=timezone.now())
        found = {"set_up": second_step.has(me), "required": asked, "recovery_codes_left": totp.left(me)}
        return Response(SecondStepStateOutput(found).data)

    @extend_schema(request=Nothing, responses={201: EnrolmentOutput})
    def create(self, request: Any) -> Response:
        """A secret for the app; it counts once a code of it was confirmed. Wants a recent sign-in."""
        self.parsed(Nothing)
        step_up.require(request.auth)
        return Response(EnrolmentOutput(totp.enrol(user=self._me())).data, status=201)

    @extend_schema(request=TotpCodeInput, responses={200: RecoveryCodesOutput})
    def confirm(self, request: Any) -> Response:
        """The app's code: from now on it is asked for. Answers ten recovery codes, once."""
        code = self.parsed(TotpCodeInput)["code"]
        made = totp.confirm(user=self._me(), code=code, session_id=request.auth.session_id)
        return Response(RecoveryCodesOutput({"recovery_codes": made}).data)

    @extend_schema(request=SecondStepInput, responses={200: SignedInOutput})
    def verify(self, request: Any) -> Response:
        """The second step of a sign-in: a code of the app, or a recovery code."""
        return entered(totp.finish(**self.parsed(SecondStepInput), device=device_of(request)))

    @extend_schema(request=Nothing, responses={200: RecoveryCodesOutput})
    def renew_codes(self, request: Any) -> Response:
        """Ten new recovery codes; the former are void. Wants a recent sign-in."""
        self.parsed(Nothing)
        step_up.require(request.auth)
        return Response(RecoveryCodesOutput({"recovery_codes": totp.renew_codes(user=self._me())}).data)

    @extend_schema(request=None, responses=DONE)
    def destroy(self, request: Any) -> Response:
        """No second step any more. Wants a recent sign-in."""
        step_up.require(request.auth)
        totp.remove(user=self._me())
        return Response(status=204)

    def _me(self) -> User:
        return User.objects.get(pk=self.request.user.pk)
