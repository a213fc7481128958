"""What was planned beyond one appointment? Series, leave with what it moved, and emergencies that asked others to make room."""

from django.contrib.postgres.fields import DateTimeRangeField
from django.db import models
from django.db.models import Q

from accounts.membership import Member
from accounts.roles import Reach
from appointments.models.appointment import Appointment, Priority
from appointments.models.practitioner import Practitioner, ScheduleException
from healthcare.core.crypto import Scope, patient_scope
from healthcare.core.fields import SealedText
from healthcare.core.tenancy import ClinicRow, current_clinic
from healthcare.core.versions import Versioned
from patients.models import Patient


class SeriesQuerySet(models.QuerySet["Series"]):
    def visible_to(self, member: Member, permission: str) -> "SeriesQuerySet":
        """All, those one takes part in, or none, as the role table says."""
        match member.reach(permission):
            case Reach.ALL:
                return self
            case Reach.OWN:
                chart = Patient.objects.filter(user=member.user_id).values("pk")
                card = Practitioner.objects.filter(user=member.user_id).values("pk")
                return self.filter(Q(patient__in=chart) | Q(practitioner__in=card))
        return self.none()


class Series(ClinicRow, Versioned):
    """Appointments that come again by a rule (RFC 5545), on the wall clock of `zone`; booked as far ahead as bookings open."""

    class State(models.TextChoices):
        ACTIVE = "active"
        ENDED = "ended"

    kind = models.CharField(max_length=40)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="+")
    practitioner = models.ForeignKey(Practitioner, on_delete=models.PROTECT, related_name="+")
    rule = models.CharField(max_length=200)
    begins = models.DateTimeField()
    zone = models.CharField(max_length=60)
    skips = models.BooleanField(default=False)  # a time that can't be booked is left out, else none is booked
    state = models.CharField(max_length=10, choices=State.choices, default=State.ACTIVE)
    reason = SealedText(label="series.reason", blank=True)
    booked_until = models.DateTimeField()  # the last occurrence that was looked at
    created_by = models.UUIDField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = SeriesQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "series"
        constraints = [models.CheckConstraint(condition=Q(state__in=["active", "ended"]), name="series_state_known")]
        indexes = [models.Index(fields=["booked_until"], name="series_to_extend", condition=Q(state="active"))]

    def __str__(self) -> str:
        return str(self.pk)

    def seal_scope(self) -> Scope:
        return patient_scope(current_clinic().id, self.patient_id)


class Occurrence(ClinicRow):
    """One time of a series: the appointment that was booked for it, or the codes of the reasons why none was."""

    series = models.ForeignKey(Series, on_delete=models.CASCADE, related_name="occurrences")
    starts_at = models.DateTimeField()
    appointment = models.OneToOneField(Appointment, on_delete=models.PROTECT, null=True, related_name="occurrence")
    reasons: "models.JSONField[list[str], list[str]]" = models.JSONField(default=list)

    class Meta:
        ordering = ("starts_at",)
        constraints = [models.UniqueConstraint(fields=["series", "starts_at"], name="occurrence_once")]

    def __str__(self) -> str:
        return str(self.pk)


class LeaveQuerySet(models.QuerySet["Leave"]):
    def visible_to(self, member: Member, permission: str) -> "LeaveQuerySet":
        return self if member.may(permission) else self.none()


class Leave(ClinicRow, Versioned):
    """A practitioner who is away: the exception it made, and (its hits) what became of the appointments in its way."""

    class State(models.TextChoices):
        TAKEN = "taken"
        UNDONE = "undone"

    practitioner = models.ForeignKey(Practitioner, on_delete=models.PROTECT, related_name="leaves")
    during = DateTimeRangeField()
    exception = models.ForeignKey(ScheduleException, on_delete=models.SET_NULL, null=True, related_name="+")
    state = models.CharField(max_length=10, choices=State.choices, default=State.TAKEN)
    by = models.UUIDField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = LeaveQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(during__isempty=False, during__lower_inf=False, during__upper_inf=False),
                name="leave_during_bounded",
            )
        ]

    def __str__(self) -> str:
        return str(self.pk)


class LeaveHit(ClinicRow):
    """An appointment in the way of a leave: where it was, and what was done with it."""

    class Outcome(models.TextChoices):
        REASSIGNED = "reassigned"  # same time, a colleague
        MOVED = "moved"
        CANCELLED = "cancelled"
        LEFT = "left"  # nothing was found; somebody must call the patient
        RETURNED = "returned"  # the leave was undone, and it is where it was

    leave = models.ForeignKey(Leave, on_delete=models.CASCADE, related_name="hits")
    appointment = models.ForeignKey(Appointment, on_delete=models.PROTECT, related_name="+")
    outcome = models.CharField(max_length=12, choices=Outcome.choices)
    was_with = models.UUIDField()
    was_at = models.DateTimeField()
    went_to = models.UUIDField(null=True)
    went_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["leave", "appointment"], name="leave_hit_once")]

    def __str__(self) -> str:
        return self.outcome


class OverrideQuerySet(models.QuerySet["Override"]):
    def visible_to(self, member: Member, permission: str) -> "OverrideQuerySet":
        return self if member.may(permission) else self.none()


class Override(ClinicRow, Versioned):
    """An emergency for which less pressing appointments would have to make room: asked by one, decided by one who may."""

    class State(models.TextChoices):
        ASKED = "asked"
        APPROVED = "approved"
        DECLINED = "declined"

    kind = models.CharField(max_length=40)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="+")
    practitioner = models.ForeignKey(Practitioner, on_delete=models.PROTECT, related_name="+")
    starts_at = models.DateTimeField()
    priority = models.CharField(max_length=10, choices=Priority.choices)
    reason = SealedText(label="override.reason")
    state = models.CharField(max_length=10, choices=State.choices, default=State.ASKED)
    asked_by = models.UUIDField(null=True)
    decided_by = models.UUIDField(null=True)
    decided_at = models.DateTimeField(null=True)
    appointment = models.OneToOneField(Appointment, on_delete=models.PROTECT, null=True, related_name="override")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = OverrideQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(priority__in=["emergency", "urgent"]), name="override_is_pressing"),
            models.CheckConstraint(
                condition=Q(state="approved", appointment__isnull=False) | (~Q(state="approved") & Q(appointment=None)),
                name="override_approved_is_booked",
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)

    def seal_scope(self) -> Scope:
        return patient_scope(current_clinic().id, self.patient_id)
