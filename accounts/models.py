"""Which people are there, where do they belong, where are they signed in? All in public; names and contacts sealed."""

from typing import Any

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Exists, OuterRef, Q, Value
from django.utils import timezone

from accounts.contacts import ContactIndex
from accounts.identifiers import plain_email, plain_phone
from accounts.invitations import Invitation
from accounts.membership import Member
from accounts.proofs import Challenge, Lock, RecoveryCode, Totp
from accounts.roles import Role
from healthcare.core.crypto import PLATFORM, Scope
from healthcare.core.fields import SealedDate, SealedText, blind_of
from healthcare.core.tenancy import Row
from healthcare.core.versions import Versioned

__all__ = [
    "Challenge",
    "Display",
    "Invitation",
    "Lock",
    "Membership",
    "RecoveryCode",
    "Session",
    "SocketTicket",
    "Totp",
    "User",
]


class Users(BaseUserManager["User"]):
    def with_identifier(self, identifier: str) -> models.QuerySet["User"]:
        """The person of this email or phone number (exact, after normalising); not who merely claims it."""
        field = "email_index" if "@" in identifier else "phone_index"
        return self.filter(**{field: blind_of(User, field, identifier, PLATFORM)})

    def visible_to(self, member: Member, permission: str) -> models.QuerySet["User"]:
        """Those who belong, or once belonged, to the member's clinic; on the platform everybody."""
        if not member.may(permission):
            return self.none()
        there = Membership.objects.filter(user=OuterRef("pk"), clinic=member.clinic_id)
        return self.all() if member.clinic_id is None else self.filter(Exists(there))


class User(Row, Versioned, AbstractBaseUser):
    """A person. Never deleted: deactivated and, on request, anonymised."""

    first_name = SealedText(label="user.first_name", blank=True)
    last_name = SealedText(label="user.last_name", blank=True)
    email = SealedText(label="user.email", null=True, blank=True)
    phone = SealedText(label="user.phone", null=True, blank=True)
    date_of_birth = SealedDate(label="user.date_of_birth", null=True, blank=True)
    email_index = ContactIndex(source="email", label="user.email", normalise="plain_email")
    phone_index = ContactIndex(source="phone", label="user.phone", normalise="plain_phone")
    email_pending = models.BooleanField(default=False, db_default=False)  # not proven yet: nobody is found by it
    phone_pending = models.BooleanField(default=False, db_default=False)
    code_channels: "models.JSONField[list[str], list[str]]" = models.JSONField(
        default=list, db_default=Value([], models.JSONField())
    )
    language = models.CharField(max_length=10, default="en")
    zone = models.CharField(max_length=60, blank=True)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    plain_email = staticmethod(plain_email)
    plain_phone = staticmethod(plain_phone)

    objects = Users()
    USERNAME_FIELD = "id"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: list[str] = []

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["email_index"], name="user_email_once"),
            models.UniqueConstraint(fields=["phone_index"], name="user_phone_once"),
            models.CheckConstraint(
                condition=Q(email_index__isnull=False) | Q(phone_index__isnull=False) | Q(is_active=False),
                name="user_reachable",
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)

    def seal_scope(self) -> Scope:
        return PLATFORM

    index_scope = seal_scope

    def get_username(self) -> str:
        return str(self.pk)

    def get_full_name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()

    def is_own_of(self, member: Member) -> bool:
        return self.pk == member.user_id

    # Django admin asks these; the answers come from the role table
    @property
    def is_staff(self) -> bool:
        from accounts.admin_rights import is_staff

        return is_staff(self)

    def has_perm(self, permission: str, obj: Any = None) -> bool:
        from accounts.admin_rights import may

        return may(self, permission)

    def has_module_perms(self, app_label: str) -> bool:
        from accounts.admin_rights import sees_app

        return sees_app(self, app_label)


class MembershipQuerySet(models.QuerySet["Membership"]):
    def current(self) -> "MembershipQuerySet":
        now = timezone.now()
        return self.filter(ended_at=None).filter(Q(expires_at=None) | Q(expires_at__gt=now))

    def visible_to(self, member: Member, permission: str) -> "MembershipQuerySet":
        """Grants of the member's clinic; on the platform all."""
        if not member.may(permission):
            return self.none()
        return self if member.clinic_id is None else self.filter(clinic=member.clinic_id)


class Membership(Row):
    """A person in a clinic in one role, by whom and until when. Without a clinic: on the platform."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="memberships")
    clinic = models.ForeignKey(settings.TENANT_MODEL, on_delete=models.PROTECT, null=True, related_name="memberships")
    role = models.CharField(max_length=30, choices=[(r.value, r.value) for r in Role])
    granted_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    granted_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "clinic", "role"],
                condition=Q(ended_at=None),
                nulls_distinct=False,
                name="membership_once",
            ),
            models.CheckConstraint(
                condition=Q(clinic__isnull=False) | Q(role__in=["super_admin", "system_admin", "support"]),
                name="membership_platform_role",
            ),
        ]
        indexes = [models.Index(fields=["clinic", "role"], name="membership_by_clinic")]

    def __str__(self) -> str:
        return f"{self.role} {self.user_id}"


class SessionQuerySet(models.QuerySet["Session"]):
    def open_of(self, user_id: Any) -> "SessionQuerySet":
        """The person's open sessions."""
        now = timezone.now()
        return self.filter(user_id=user_id, ended_at=None, idle_until__gt=now, expires_at__gt=now)


class Session(Row):
    """A sign-in of one person on one device: the family of its refresh tokens and its generation.

    The refresh token of a generation is derived from `salt` and a server key, so nothing here signs anybody in.
    """

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="sessions")
    salt = models.BinaryField()
    generation = models.PositiveIntegerField(default=1)
    rotated_at = models.DateTimeField(default=timezone.now)
    device = models.CharField(max_length=200, blank=True)
    device_mark = models.BinaryField(default=bytes)  # digest of what stays the same on an honest retry
    address = models.GenericIPAddressField(null=True)
    created_at = models.DateTimeField(default=timezone.now)
    last_used_at = models.DateTimeField(default=timezone.now)
    idle_until = models.DateTimeField()
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_why = models.CharField(max_length=30, blank=True)
    last_address = models.GenericIPAddressField(null=True)
    proven_at = models.DateTimeField(null=True)  # when the person last showed who they are; key operations want it recent
    second_step = models.BooleanField(default=False, db_default=False)  # it was asked for and given
    limited = models.BooleanField(default=False, db_default=False)  # until they set up the second step that is asked of them
    in_admin = models.BooleanField(default=False, db_default=False)  # carried by the admin's cookie: it can't be refreshed

    objects = SessionQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["user"], condition=Q(ended_at=None), name="session_open_by_user")]


class SocketTicket(models.Model):
    """A one-time pass for one socket, 30 s. Only its digest is kept."""

    digest = models.BinaryField(primary_key=True)
    user_id = models.UUIDField(null=True)
    session_id = models.UUIDField(null=True)
    display_id = models.UUIDField(null=True)
    clinic_id = models.UUIDField()
    expires_at = models.DateTimeField(db_index=True)


class Display(Row, Versioned):
    """A waiting-room screen: shows a code until staff of a clinic approve it; then it may read its queues, nothing else."""

    secret_digest = models.BinaryField(unique=True)
    code = models.CharField(max_length=10, blank=True)
    clinic = models.ForeignKey(settings.TENANT_MODEL, on_delete=models.PROTECT, null=True, related_name="displays")
    name = models.CharField(max_length=80, blank=True)
    practitioners: "models.JSONField[list[str], list[str]]" = models.JSONField(default=list)  # ids; empty shows all
    languages: "models.JSONField[list[str], list[str]]" = models.JSONField(default=list)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(null=True)  # of the code
    approved_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    approved_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    last_seen_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["code"], condition=Q(approved_at=None) & ~Q(code=""), name="display_code_once"),
            models.CheckConstraint(condition=Q(approved_at=None) | Q(clinic__isnull=False), name="display_approved_has_clinic"),
        ]

    def __str__(self) -> str:
        return self.name or str(self.pk)
