"""What else is needed beside people? Rooms and devices of the clinic, and sessions that several patients share."""

from uuid import UUID

from django.db import models
from django.db.models import F, Q

from accounts.membership import Member
from appointments.models.practitioner import Practitioner
from healthcare.core.tenancy import ClinicRow
from healthcare.core.versions import Versioned


class ResourceQuerySet(models.QuerySet["Resource"]):
    def visible_to(self, member: Member, permission: str) -> "ResourceQuerySet":
        """All or none: rooms and devices are nobody's own."""
        return self if member.may(permission) else self.none()

    def in_use(self) -> "ResourceQuerySet":
        return self.filter(is_active=True)

    def serving(self, kind: str, types: tuple[str, ...], locations: list[UUID]) -> "ResourceQuerySet":
        """What a kind of appointment may use at these locations, in the order in which it is tried."""
        rows = self.in_use().filter(type__in=types, location_id__in=locations, kinds__contains=[kind])
        return rows.order_by("name", "id")


class Resource(ClinicRow, Versioned):
    """A room or device at a location; as many appointments at once as its capacity. `kinds` are those that may use it."""

    class Type(models.TextChoices):
        ROOM = "room"
        DEVICE = "device"

    type = models.CharField(max_length=10, choices=Type.choices)
    name = models.CharField(max_length=80)
    location_id = models.UUIDField()  # clinics.Location
    capacity = models.PositiveSmallIntegerField(default=1)
    kinds: "models.JSONField[list[str], list[str]]" = models.JSONField(default=list, blank=True)
    is_active = models.BooleanField(default=True)

    objects = ResourceQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["location_id", "name"], name="resource_name_once"),
            models.CheckConstraint(condition=Q(type__in=["room", "device"]), name="resource_type_known"),
            models.CheckConstraint(condition=Q(capacity__gte=1), name="resource_capacity_positive"),
        ]

    def __str__(self) -> str:
        return self.name


class GroupSession(ClinicRow, Versioned):
    """One meeting of a practitioner with several patients: it holds practitioner and room once, each patient holds a seat."""

    kind = models.CharField(max_length=40)
    title = models.CharField(max_length=120, blank=True)
    practitioner = models.ForeignKey(Practitioner, on_delete=models.PROTECT, related_name="+")
    location_id = models.UUIDField()
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    seats = models.PositiveSmallIntegerField()
    is_cancelled = models.BooleanField(default=False)
    created_by = models.UUIDField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="group_session_ends_after_start"),
            models.CheckConstraint(condition=Q(seats__gte=1), name="group_session_seats_positive"),
        ]
        indexes = [models.Index(fields=["starts_at", "id"], name="group_session_by_start")]

    def __str__(self) -> str:
        return str(self.pk)
