"""What is a course of treatment made of? Templates with phases, and each patient's course with its sittings."""

from typing import Any

from django.db import models
from django.db.models import F, Q

from accounts.membership import Member
from accounts.roles import Reach
from appointments.models import Appointment
from healthcare.core.crypto import Scope, patient_scope
from healthcare.core.fields import SealedText
from healthcare.core.tenancy import ClinicRow, current_clinic
from healthcare.core.versions import Versioned
from patients.models import Patient


class CourseTemplate(ClinicRow, Versioned):
    """Phases in order: `[{name, kind, sittings, least_days, most_days, pause_days}]`. `least_days`…`most_days` lie between two
    sittings of the phase; `pause_days` are added before its first, after another phase."""

    name = models.CharField(max_length=120)
    phases: "models.JSONField[list[dict[str, Any]], list[dict[str, Any]]]" = models.JSONField()
    is_active = models.BooleanField(default=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["name"], name="course_template_name_once")]

    def __str__(self) -> str:
        return self.name


class CourseQuerySet(models.QuerySet["Course"]):
    def visible_to(self, member: Member, permission: str) -> "CourseQuerySet":
        """All, one's own, those that one ordered or gives a sitting of, or none."""
        match member.reach(permission):
            case Reach.ALL:
                return self
            case Reach.OWN:
                own = Q(patient__user=member.user_id) | Q(ordered_by=member.user_id)
                own |= Q(sittings__appointment__practitioner__user=member.user_id)
                return self.filter(pk__in=self.filter(own).values("pk"))
        return self.none()


class Course(ClinicRow, Versioned):
    """A patient's course. `phases` are the template's as they were; `therapists` may give its sittings, empty: all who can."""

    class State(models.TextChoices):
        PLANNING = "planning"
        BOOKED = "booked"
        STUCK = "stuck"  # no times for all of it (`why`): nothing of the plan was booked; what was booked before stays
        DONE = "done"
        CANCELLED = "cancelled"

    template = models.ForeignKey(CourseTemplate, on_delete=models.PROTECT, related_name="courses")
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="courses")
    phases: "models.JSONField[list[dict[str, Any]], list[dict[str, Any]]]" = models.JSONField()
    therapists: "models.JSONField[list[str], list[str]]" = models.JSONField(default=list)
    starts_on = models.DateField()  # at the earliest
    earliest = models.TimeField(null=True)
    latest = models.TimeField(null=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.PLANNING)
    why: "models.JSONField[list[dict[str, str]], list[dict[str, str]]]" = models.JSONField(default=list)  # reasons, if stuck
    reason = SealedText(label="course.reason", blank=True)
    ordered_by = models.UUIDField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = CourseQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["patient", "-id"], name="course_by_patient")]

    def __str__(self) -> str:
        return str(self.pk)

    def seal_scope(self) -> Scope:
        return patient_scope(current_clinic().id, self.patient_id)


class Sitting(ClinicRow):
    """One of the course's sittings, 1, 2, 3 …; its appointment is the newest one for it (a missed one is replaced)."""

    course = models.ForeignKey(Course, on_delete=models.CASCADE, related_name="sittings")
    number = models.PositiveSmallIntegerField()
    phase = models.PositiveSmallIntegerField()
    appointment = models.OneToOneField(Appointment, on_delete=models.PROTECT, null=True, related_name="sitting")
    missed = models.PositiveSmallIntegerField(default=0)  # appointments for it to which nobody came

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["course", "number"], name="sitting_number_once"),
            models.CheckConstraint(condition=Q(number__gte=1) & Q(number__gt=F("phase")), name="sitting_counts_from_one"),
        ]
        ordering = ("number",)

    def __str__(self) -> str:
        return str(self.number)
