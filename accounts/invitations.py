"""Who was invited to work where, as what, by whom, until when? The link's secret is not kept, only its digest."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.identifiers import plain_identifier
from accounts.roles import Role
from healthcare.core.crypto import PLATFORM, Scope
from healthcare.core.fields import BlindIndex, SealedText
from healthcare.core.tenancy import Row

INVITED = [role.value for role in Role if role != Role.PATIENT]
CONTACTS = [("email", "email"), ("phone", "phone")]
PLATFORM_VALUES = ["super_admin", "system_admin", "support"]


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def visible_to(self, member: Any, permission: str) -> "InvitationQuerySet":
        """Those of the member's clinic; on the platform, those of no clinic."""
        return self.filter(clinic=member.clinic_id) if member.may(permission) else self.none()

    def pending(self) -> "InvitationQuerySet":
        """Neither used nor taken back; they may have run out."""
        return self.filter(accepted_at=None, revoked_at=None)


class Invitation(Row):
    """Somebody, known by a contact, may join a clinic (without one: the platform) in a role, once, for some days."""

    class State(models.TextChoices):
        PENDING = "pending"
        ACCEPTED = "accepted"
        REVOKED = "revoked"
        EXPIRED = "expired"

    clinic = models.ForeignKey(settings.TENANT_MODEL, on_delete=models.PROTECT, null=True, related_name="invitations")
    role = models.CharField(max_length=30, choices=[(role, role) for role in INVITED])
    kind = models.CharField(max_length=10, choices=CONTACTS)
    contact = SealedText(label="invitation.contact")
    contact_index = BlindIndex(source="contact", label="invitation.contact", normalise="plain_identifier")
    language = models.CharField(max_length=10, default="en")
    salt = models.BinaryField()
    digest = models.BinaryField(unique=True)
    grant_expires_at = models.DateTimeField(null=True)
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    send_failed = models.CharField(max_length=40, blank=True, default="")  # a short code; nothing of the message
    accepted_at = models.DateTimeField(null=True)
    accepted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.UUIDField(null=True)

    plain_identifier = staticmethod(plain_identifier)
    objects = InvitationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["contact_index", "clinic", "role"],
                condition=Q(accepted_at=None, revoked_at=None),
                nulls_distinct=False,
                name="invitation_pending_once",
            ),
            models.CheckConstraint(condition=Q(role__in=INVITED), name="invitation_of_staff"),
            models.CheckConstraint(
                condition=Q(clinic__isnull=False) & ~Q(role__in=PLATFORM_VALUES)
                | Q(clinic__isnull=True) & Q(role__in=PLATFORM_VALUES),
                name="invitation_role_of_its_place",
            ),
            models.CheckConstraint(condition=Q(accepted_at=None) | Q(revoked_at=None), name="invitation_ends_once"),
            models.CheckConstraint(
                condition=Q(accepted_at__isnull=True, accepted_by__isnull=True)
                | Q(accepted_at__isnull=False, accepted_by__isnull=False),
                name="invitation_accepted_by_somebody",
            ),
        ]
        indexes = [models.Index(fields=["clinic", "-id"], name="invitation_by_clinic")]

    def __str__(self) -> str:
        return str(self.pk)

    def seal_scope(self) -> Scope:
        return PLATFORM

    index_scope = seal_scope

    @property
    def state(self) -> "Invitation.State":
        if self.accepted_at is not None:
            return self.State.ACCEPTED
        if self.revoked_at is not None:
            return self.State.REVOKED
        return self.State.EXPIRED if self.expires_at <= timezone.now() else self.State.PENDING
