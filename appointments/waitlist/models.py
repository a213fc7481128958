"""Who would come sooner if a time were freed, which times were freed, and to whom were they offered?"""

import datetime as dt
from zoneinfo import ZoneInfo

from django.db import models
from django.db.models import F, Q

from accounts.membership import Member
from accounts.roles import Reach
from appointments.models import Appointment, Practitioner, Priority
from healthcare.core.tenancy import ClinicRow
from healthcare.core.versions import Versioned
from patients.models import Patient


class WishQuerySet(models.QuerySet["Wish"]):
    def visible_to(self, member: Member, permission: str) -> "WishQuerySet":
        match member.reach(permission):
            case Reach.ALL:
                return self
            case Reach.OWN:
                return self.filter(patient__user=member.user_id)
        return self.none()

    def waiting(self) -> "WishQuerySet":
        return self.filter(state=Wish.State.WAITING)

    def for_time(self, practitioner: Practitioner, day: dt.date) -> "WishQuerySet":
        """Who waits and might take a time of this practitioner on this day; weekday and hour are asked by `fits`."""
        whose = Q(practitioner=None) | Q(practitioner=practitioner)
        where = Q(location_id=None) | Q(location_id=practitioner.location_id)
        return self.waiting().filter(whose, where, kind__in=practitioner.kinds, from_on__lte=day, until_on__gte=day)


class Wish(ClinicRow, Versioned):
    """A place on the waitlist: what a patient wants, and when they could come (wall clock of the location)."""

    class State(models.TextChoices):
        WAITING = "waiting"
        OFFERED = "offered"
        BOOKED = "booked"
        LEFT = "left"
        LAPSED = "lapsed"  # the last day has passed, or three offers went by unanswered

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="wishes")
    kind = models.CharField(max_length=40)
    practitioner = models.ForeignKey(Practitioner, on_delete=models.PROTECT, null=True, blank=True, related_name="wishes")
    location_id = models.UUIDField(null=True, blank=True)
    urgency = models.CharField(max_length=10, choices=Priority.choices, default=Priority.NORMAL)
    from_on = models.DateField()
    until_on = models.DateField()
    weekdays: "models.JSONField[list[int], list[int]]" = models.JSONField(default=list, blank=True)  # 0 Monday; empty: any
    earliest = models.TimeField(null=True, blank=True)
    latest = models.TimeField(null=True, blank=True)  # the start, at the latest
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    missed = models.PositiveSmallIntegerField(default=0)  # offers that went by unanswered
    joined_at = models.DateTimeField()
    joined_by = models.UUIDField(null=True)
    appointment = models.OneToOneField(Appointment, on_delete=models.PROTECT, null=True, related_name="wish")  # what they got

    objects = WishQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "wishes"
        constraints = [
            models.CheckConstraint(condition=Q(until_on__gte=F("from_on")), name="wish_days_forward"),
            models.CheckConstraint(condition=Q(urgency__in=Priority.values), name="wish_urgency_known"),
            models.CheckConstraint(condition=Q(appointment=None) ^ Q(state="booked"), name="wish_booked_has_appointment"),
            models.UniqueConstraint(
                fields=["patient", "kind"], condition=Q(state__in=["waiting", "offered"]), name="wish_once_a_kind"
            ),
        ]
        indexes = [models.Index(fields=["kind", "state", "joined_at"], name="wish_by_kind")]

    def __str__(self) -> str:
        return str(self.pk)

    def fits(self, starts_at: dt.datetime, zone: ZoneInfo) -> bool:
        """Could they come then?"""
        local = starts_at.astimezone(zone)
        clock = local.time()
        return (
            self.from_on <= local.date() <= self.until_on
            and (not self.weekdays or local.weekday() in self.weekdays)
            and (self.earliest is None or clock >= self.earliest)
            and (self.latest is None or clock <= self.latest)
        )


class Opening(ClinicRow):
    """A time that was freed. It is offered to one after the other until somebody takes it or nobody is left."""

    class State(models.TextChoices):
        OPEN = "open"
        FILLED = "filled"
        TAKEN = "taken"  # somebody booked it past the list
        UNWANTED = "unwanted"  # offered to all whom it suits, if any
        PASSED = "passed"

    practitioner = models.ForeignKey(Practitioner, on_delete=models.PROTECT, related_name="+")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    freed_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="opening_ends_after_start"),
            models.CheckConstraint(condition=Q(closed_at=None) ^ ~Q(state="open"), name="opening_closed_has_instant"),
            models.UniqueConstraint(
                fields=["practitioner", "starts_at"], condition=Q(state="open"), name="opening_open_once_a_time"
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class Offer(ClinicRow, Versioned):
    """A time held for one person for minutes: a pending appointment. `rank` is why them: inputs and points as of then."""

    class State(models.TextChoices):
        OPEN = "open"
        ACCEPTED = "accepted"
        DECLINED = "declined"
        EXPIRED = "expired"

    wish = models.ForeignKey(Wish, on_delete=models.PROTECT, related_name="offers")
    opening = models.ForeignKey(Opening, on_delete=models.PROTECT, related_name="offers")
    appointment = models.OneToOneField(Appointment, on_delete=models.PROTECT, related_name="offer")
    rank: "models.JSONField[dict[str, object], dict[str, object]]" = models.JSONField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["wish"], condition=Q(state="open"), name="offer_one_open_of_a_wish"),
            models.UniqueConstraint(
                fields=["opening"], condition=Q(state__in=["open", "accepted"]), name="offer_one_holder_of_an_opening"
            ),
            models.UniqueConstraint(fields=["opening", "wish"], name="offer_once_to_each"),
        ]

    def __str__(self) -> str:
        return str(self.pk)
