"""Who sees patients, and when? Practitioners of the clinic, their weekly hours and what departs from them."""

from functools import cached_property
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.postgres.fields import DateTimeRangeField
from django.db import models
from django.db.models import F, Func, JSONField, Q, UUIDField, Value

from accounts.membership import Member
from clinics.models import Location
from clinics.settings_of import settings_of
from healthcare.core.tenancy import ClinicRow, current_clinic
from healthcare.core.versions import Versioned


class PractitionerQuerySet(models.QuerySet["Practitioner"]):
    def visible_to(self, member: Member | None, permission: str) -> "PractitionerQuerySet":
        """Everybody signed in may read the professional cards of those who see patients; who manages them sees all."""
        return self if member is not None and member.may("practitioner.manage") else self.seeing_patients()

    def seeing_patients(self) -> "PractitionerQuerySet":
        return self.filter(is_active=True)

    def offering(self, kind: str) -> "PractitionerQuerySet":
        return self.filter(kinds__contains=[kind])

    def with_place(self) -> "PractitionerQuerySet":
        """With where they work and their weekly hours, in the same statement."""
        place = _PlaceRow(F("location_id"), Value(current_clinic().id, UUIDField()))
        return self.annotate(place_row=place, weekly_rows=_WeeklyRows(F("pk")))


class _PlaceRow(Func):
    """The location of an id, of a clinic. In SQL: as subqueries these two cost Django more to put together, for each booking
    and each list of free times, than PostgreSQL to answer."""

    template = (
        "(SELECT jsonb_build_object('id', place.id, 'name', place.name, 'zone', place.zone, 'hours', place.hours)"
        " FROM clinics_location place WHERE (place.id, place.clinic_id) = (%(expressions)s))"
    )
    output_field = JSONField()


class _WeeklyRows(Func):
    """The weekly hours of a practitioner's id."""

    template = (
        "(SELECT jsonb_agg(jsonb_build_object('weekday', weekly.weekday, 'opens', weekly.opens, 'closes', weekly.closes,"
        " 'valid_from', weekly.valid_from, 'valid_until', weekly.valid_until))"
        " FROM appointments_weeklytemplate weekly WHERE weekly.practitioner_id = %(expressions)s)"
    )
    output_field = JSONField()


class Place:
    """A location of the clinic as schedules and lists need it; one that is gone is the clinic itself, always open."""

    def __init__(self, row: dict[str, Any] | None) -> None:
        row = row or {}
        clinic = current_clinic()
        self.id: UUID | None = UUID(str(row["id"])) if row else None
        self.name: str = row.get("name", clinic.name)
        self.zone: str = row.get("zone", clinic.zone)
        self.hours: list[dict[str, Any]] = row.get("hours") or [dict(one) for one in settings_of(clinic).hours]  # empty: always

    @cached_property
    def clock(self) -> ZoneInfo:
        return ZoneInfo(self.zone)


class Profession(models.TextChoices):
    """What somebody may perform depends on it; rights in the product are the role table's."""

    DOCTOR = "doctor"
    NURSE = "nurse"
    THERAPIST = "therapist"
    LAB_TECHNICIAN = "lab_technician"
    RADIOLOGIST = "radiologist"
    DENTIST = "dentist"


class Practitioner(ClinicRow, Versioned):
    """A doctor, nurse or therapist of this clinic, with a professional card that patients may read; an account is optional."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    name = models.CharField(max_length=120)  # as on the door
    title = models.CharField(max_length=60, blank=True)
    speciality = models.CharField(max_length=60, blank=True)
    languages: "models.JSONField[list[str], list[str]]" = models.JSONField(default=list, blank=True)
    room = models.CharField(max_length=40, blank=True)  # what screens send people to
    location_id = models.UUIDField()  # clinics.Location
    kinds: "models.JSONField[list[str], list[str]]" = models.JSONField(default=list, blank=True)
    # terms of this practitioner's offer; empty: the kind's or the clinic's own
    slot_minutes = models.PositiveSmallIntegerField(null=True, blank=True)
    buffer_minutes = models.PositiveSmallIntegerField(null=True, blank=True)
    notice_minutes = models.PositiveIntegerField(null=True, blank=True)
    horizon_days = models.PositiveSmallIntegerField(null=True, blank=True)
    capacity = models.PositiveSmallIntegerField(default=1)
    daily_limit = models.PositiveSmallIntegerField(null=True, blank=True)  # appointments a day; empty: as many as fit
    profession = models.CharField(max_length=20, choices=Profession.choices, default="doctor", db_default="doctor")
    is_active = models.BooleanField(default=True)
    next_free_at = models.DateTimeField(null=True, editable=False)  # published by a job; a hint for lists, never a promise

    objects = PractitionerQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user"], name="practitioner_user_once"),
            models.CheckConstraint(condition=Q(capacity__gte=1), name="practitioner_capacity_positive"),
            models.CheckConstraint(
                condition=Q(slot_minutes=None) | Q(slot_minutes__gte=1, slot_minutes__lte=1440),
                name="practitioner_slot_within_a_day",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title} {self.name}".strip()

    @cached_property
    def place(self) -> Place:
        """Where they work; costs a query unless the row came `with_place`."""
        if "place_row" in self.__dict__:
            return Place(self.__dict__["place_row"])
        here = Location.objects.filter(clinic_id=current_clinic().id, pk=self.location_id)
        return Place(here.values("id", "name", "zone", "hours").first())


class WeeklyTemplate(ClinicRow):
    """Hours of a weekday (0 Monday … 6 Sunday) on the wall clock of the location; 00:00–00:00 is the whole day."""

    practitioner = models.ForeignKey(Practitioner, on_delete=models.CASCADE, related_name="weekly")
    weekday = models.PositiveSmallIntegerField()
    opens = models.TimeField()
    closes = models.TimeField()
    valid_from = models.DateField(null=True, blank=True)
    valid_until = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(weekday__lte=6), name="weekly_template_weekday"),
            models.CheckConstraint(
                condition=Q(valid_from=None) | Q(valid_until=None) | Q(valid_until__gte=models.F("valid_from")),
                name="weekly_template_valid_forward",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.weekday} {self.opens:%H:%M}–{self.closes:%H:%M}"


class ScheduleException(ClinicRow):
    """Time taken away (leave, holiday) or added (extra session): of a practitioner, a room or device, a location, or all."""

    class Effect(models.TextChoices):
        LEAVE = "leave"
        HOLIDAY = "holiday"
        EXTRA = "extra"

    practitioner = models.ForeignKey(Practitioner, on_delete=models.CASCADE, null=True, blank=True, related_name="exceptions")
    resource = models.ForeignKey("Resource", on_delete=models.CASCADE, null=True, blank=True, related_name="exceptions")
    location_id = models.UUIDField(null=True, blank=True)  # a holiday of one location; empty: of all
    effect = models.CharField(max_length=10, choices=Effect.choices)
    during = DateTimeRangeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(during__isempty=False, during__lower_inf=False, during__upper_inf=False),
                name="schedule_exception_during_bounded",
            ),
            models.CheckConstraint(
                condition=Q(practitioner__isnull=False) | Q(effect__in=["holiday"]), name="schedule_exception_clinic_holiday"
            ),
        ]

    def __str__(self) -> str:
        return self.effect
