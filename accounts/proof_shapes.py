"""What do people send to sign in and to prove who they are, and what are they answered?"""

from typing import Any

from rest_framework import serializers

from accounts.models import Session
from accounts.serializers import NewPasswordField, PersonOutput
from healthcare.core.shapes import Strict

CHANNELS = ("auto", "email", "sms", "whatsapp")


class CodeField(serializers.CharField):
    """Six digits, or a recovery code."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=20, **kwargs)


class DeviceTokenField(serializers.CharField):
    """What a former sign-in on this device gave: strangers' failed tries don't lock it out then."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=200, required=False, allow_blank=True, default="", **kwargs)


class LoginInput(Strict):
    """`password`; or `challenge` and `code` of `POST /auth/request-otp`."""

    also = {"oneOf": [{"required": ["password"]}, {"required": ["challenge", "code"]}]}

    identifier = serializers.CharField(max_length=200)
    password = serializers.CharField(max_length=200, trim_whitespace=False, required=False)
    challenge = serializers.UUIDField(required=False)
    code = CodeField(required=False)
    device_token = DeviceTokenField()

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        by_code = "challenge" in attrs and "code" in attrs
        if ("password" in attrs) == by_code:
            raise serializers.ValidationError("Give password, or challenge and code.", code="proof_required")
        return attrs


class RequestOtpInput(Strict):
    identifier = serializers.CharField(max_length=200)
    channel = serializers.ChoiceField(CHANNELS, required=False, default="auto")


class RequestOtpOutput(serializers.Serializer[Any]):
    """The same whether or not the identifier is anybody's."""

    challenge = serializers.UUIDField(source="challenge_id")
    expires_in = serializers.IntegerField(help_text="seconds")
    resend_in = serializers.IntegerField(help_text="seconds")


class VerifyOtpInput(Strict):
    challenge = serializers.UUIDField()
    code = CodeField()


class RefreshInput(Strict):
    refresh = serializers.CharField(max_length=200)


class LogoutInput(Strict):
    all_devices = serializers.BooleanField(required=False, default=False)


class ForgotInput(Strict):
    identifier = serializers.CharField(max_length=200)


class ResetInput(Strict):
    token = serializers.CharField(max_length=100)
    password = NewPasswordField()


class ChangePasswordInput(Strict):
    current_password = serializers.CharField(max_length=200, trim_whitespace=False)
    new_password = NewPasswordField()


class StepUpInput(Strict):
    """The authenticator's `code`; without one `password`, or `challenge` and `code` of `POST /auth/request-otp`."""

    password = serializers.CharField(max_length=200, trim_whitespace=False, required=False)
    challenge = serializers.UUIDField(required=False)
    code = CodeField(required=False)


class TotpCodeInput(Strict):
    code = CodeField()


class SecondStepInput(Strict):
    mfa_token = serializers.CharField(max_length=100)
    code = CodeField()


class TokensOutput(serializers.Serializer[Any]):
    """`expires_in` seconds of the access token; `refresh` gives the next pair, once."""

    access = serializers.CharField()
    refresh = serializers.CharField()
    expires_in = serializers.IntegerField()
    session_id = serializers.UUIDField()


class SignedInOutput(TokensOutput):
    """`device_token`: keep it on this device and show it at the next sign-in. `mfa_setup_required`: until an authenticator is
    set up this session may do nothing else."""

    user = PersonOutput()
    device_token = serializers.CharField()
    mfa_setup_required = serializers.BooleanField()


class RegisteredOutput(SignedInOutput):
    """`challenge`: a code was sent to prove the contact; null where one went there a moment ago (ask for another)."""

    challenge = serializers.UUIDField(allow_null=True)


class SecondStepOutput(serializers.Serializer[Any]):
    """Not in yet: `POST /auth/mfa/totp/verify` with this token and a code."""

    mfa_token = serializers.CharField()
    methods = serializers.ListField(child=serializers.CharField())
    expires_in = serializers.IntegerField(help_text="seconds")


class SessionOutput(serializers.ModelSerializer[Session]):
    current = serializers.SerializerMethodField()
    address = serializers.CharField(source="last_address", allow_null=True, help_text="of the last use")
    signed_in_from = serializers.CharField(source="address", allow_null=True)

    class Meta:
        model = Session
        fields = (
            "id",
            "device",
            "address",
            "signed_in_from",
            "in_admin",
            "second_step",
            "created_at",
            "last_used_at",
            "idle_until",
            "expires_at",
            "current",
        )

    def get_current(self, session: Session) -> bool:
        return bool(session.pk == self.context["request"].auth.session_id)


class EnrolmentOutput(serializers.Serializer[Any]):
    """For the authenticator app, as text and as what a QR code says. It counts once a code of it was confirmed."""

    secret = serializers.CharField()
    uri = serializers.CharField()


class RecoveryCodesOutput(serializers.Serializer[Any]):
    """Shown once; each is good once."""

    recovery_codes = serializers.ListField(child=serializers.CharField())


class SecondStepStateOutput(serializers.Serializer[Any]):
    set_up = serializers.BooleanField()
    required = serializers.BooleanField()
    recovery_codes_left = serializers.IntegerField()
