"""What do administrators send about people, their grants and invitations, and what do they see?"""

from typing import Any

from rest_framework import serializers

from accounts.domains.registry import domain_named
from accounts.fields import FieldsByRole
from accounts.models import Invitation, Membership, User
from accounts.roles import STAFF_ROLES, Role
from accounts.serializers import NewPasswordField, PhoneField
from healthcare.core.shapes import LanguageField, Query, Strict, Text

ROLES = [role.value for role in Role]
GIVEN = [role.value for role in Role if role in STAFF_ROLES]


class UserQuery(Query):
    role = serializers.ChoiceField(ROLES, required=False)
    is_active = serializers.BooleanField(required=False, help_text="False: whose account is disabled.")
    grants = serializers.ChoiceField(["current", "ended"], required=False, help_text="Who belongs here now, or did once.")


class UserSearchInput(Strict):
    """One of email and phone, whole: what is searched for stays out of addresses."""

    also = {"minProperties": 1, "maxProperties": 1}

    email = serializers.EmailField(max_length=200, required=False)
    phone = PhoneField(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if len(attrs) != 1:
            raise serializers.ValidationError("Give one of email, phone.", code="one_criterion")
        return attrs


class GrantInput(Strict):
    role = serializers.ChoiceField(GIVEN)
    expires_at = serializers.DateTimeField(required=False, allow_null=True, default=None, help_text="Null: for good.")


class GrantChangeInput(Strict):
    also = {"required": ["expires_at"]}

    expires_at = serializers.DateTimeField(allow_null=True, help_text="Null: for good.")


class GrantOutput(serializers.ModelSerializer[Membership]):
    """A role a person holds or held: where, by whom, until when."""

    id = serializers.UUIDField(read_only=True)
    clinic = serializers.UUIDField(source="clinic_id", allow_null=True)
    granted_by = serializers.UUIDField(source="granted_by_id", allow_null=True)
    called = serializers.SerializerMethodField(help_text="What this kind of clinic calls the role.")

    class Meta:
        model = Membership
        fields = ("id", "clinic", "role", "called", "granted_by", "granted_at", "expires_at", "ended_at")

    def get_called(self, grant: Membership) -> str:
        domain = domain_named(grant.clinic.domain if grant.clinic else "")
        return domain.roles.get(Role(grant.role), grant.role)


class UserOutput(FieldsByRole, serializers.ModelSerializer[User]):
    """A person and their grants in the clinic that was named; without one, all of them."""

    shape = "user"
    id = serializers.UUIDField(read_only=True)
    first_name = serializers.CharField()
    last_name = serializers.CharField()
    email = serializers.CharField(allow_null=True)
    phone = serializers.CharField(allow_null=True)
    grants = GrantOutput(many=True, source="shown_grants")

    class Meta:
        model = User
        fields = ("id", "first_name", "last_name", "email", "phone", "language", "is_active", "created_at", "grants", "version")


class InvitationInput(Strict):
    """One of email and phone: to whom it goes, and whom it is for."""

    also = {"oneOf": [{"required": ["email"]}, {"required": ["phone"]}]}

    role = serializers.ChoiceField(GIVEN)
    email = serializers.EmailField(max_length=200, required=False)
    phone = PhoneField(required=False)
    language = LanguageField(required=False, default="en")
    days = serializers.IntegerField(min_value=1, max_value=30, default=7, help_text="How long the link may be used.")
    grant_expires_at = serializers.DateTimeField(required=False, allow_null=True, default=None, help_text="Null: for good.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if bool(attrs.get("email")) == bool(attrs.get("phone")):
            raise serializers.ValidationError("Give one of email, phone.", code="one_contact")
        return attrs


class InvitationQuery(Query):
    state = serializers.ChoiceField(Invitation.State.choices, required=False)


class InvitationOutput(serializers.ModelSerializer[Invitation]):
    """Never the link: only its addressee gets it."""

    id = serializers.UUIDField(read_only=True)
    clinic = serializers.UUIDField(source="clinic_id", allow_null=True)
    contact = serializers.CharField()
    state = serializers.ChoiceField(Invitation.State.choices)
    invited_by = serializers.UUIDField(source="invited_by_id", allow_null=True)
    accepted_by = serializers.UUIDField(source="accepted_by_id", allow_null=True)

    class Meta:
        model = Invitation
        fields = (
            *("id", "clinic", "role", "kind", "contact", "state", "invited_by", "created_at", "expires_at"),
            *("grant_expires_at", "sent_at", "send_failed", "accepted_at", "accepted_by", "revoked_at"),
        )


class AcceptInput(Strict):
    """`token` is what stands after the # of the link. Somebody new says their name and chooses a password."""

    token = serializers.CharField(max_length=100)
    password = NewPasswordField(required=False)
    first_name = Text(max_length=100, required=False)
    last_name = Text(max_length=100, required=False, allow_blank=True)


class AcceptedOutput(serializers.Serializer[Any]):
    """Sign in to work in the role."""

    user = serializers.UUIDField(source="user.pk")
    clinic = serializers.UUIDField(source="grant.clinic_id", allow_null=True)
    role = serializers.ChoiceField(GIVEN, source="grant.role")
    expires_at = serializers.DateTimeField(source="grant.expires_at", allow_null=True)
