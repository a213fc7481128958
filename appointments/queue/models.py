"""Who waits for whom today? A queue per practitioner and day, its tokens, and the log of everything that happened to them."""

import datetime as dt
from collections.abc import Sequence
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import models
from django.db.models import Count, Exists, OuterRef, Q, Subquery

from accounts.membership import Member
from appointments.models import Appointment, Practitioner
from clinics.models import Location
from healthcare.core.tenancy import ClinicRow, current_clinic
from patients.models import Patient


class QueueQuerySet(models.QuerySet["Queue"]):
    def visible_to(self, member: Member, permission: str) -> "QueueQuerySet":
        return self if member.may(permission) else self.none()

    def of_display(self, practitioners: Sequence[str]) -> "QueueQuerySet":
        """Those of these practitioners; of everybody where none is named."""
        return self.filter(practitioner__in=[UUID(i) for i in practitioners]) if practitioners else self

    def today(self, now: dt.datetime) -> "list[Queue]":
        """Open ones of the day it is where they are, and a night's in which somebody still waits."""
        near = (now.date() - dt.timedelta(days=1), now.date() + dt.timedelta(days=1))
        zone = Location.objects.filter(pk=OuterRef("practitioner__location_id")).values("zone")
        left = Exists(Token.objects.open().filter(queue=OuterRef("pk")))
        rows = self.filter(is_open=True, day__range=near).select_related("practitioner")
        found = rows.annotate(place_zone=Subquery(zone), has_people=left).order_by("prefix", "day")
        return [queue for queue in found if queue.is_todays(now) or getattr(queue, "has_people", False)]

    def for_page(self) -> "QueueQuerySet":
        """With what a list shows, so that it needs no query per row."""
        return self.select_related("practitioner").annotate(
            **{f"n_{s.value}": Count("tokens", filter=Q(tokens__status=s.value)) for s in Token.Status}
        )


class Queue(ClinicRow):
    """`seq` is the number of the last event, `last_number` of the last token: both are taken under this row's lock, so
    neither has gaps and both are in the order of commit."""

    practitioner = models.ForeignKey(Practitioner, on_delete=models.PROTECT, related_name="queues")
    day = models.DateField()  # in the zone of the location
    prefix = models.CharField(max_length=3, default="A")
    seq = models.PositiveBigIntegerField(default=0)
    last_number = models.PositiveIntegerField(default=0)
    is_open = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = QueueQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["practitioner", "day"], name="queue_once_a_day"),
            models.UniqueConstraint(fields=["day", "prefix"], name="queue_prefix_once_a_day"),
        ]

    def __str__(self) -> str:
        return str(self.pk)

    def is_todays(self, now: dt.datetime) -> bool:
        """For rows that came from `today`."""
        zone = getattr(self, "place_zone", None) or current_clinic().zone
        return self.day == now.astimezone(ZoneInfo(zone)).date()

    @property
    def label(self) -> str:
        """What a screen writes over the queue."""
        return self.practitioner.speciality or str(self.practitioner)

    @property
    def desk(self) -> str:
        """Where its people are sent to."""
        return self.practitioner.room or str(self.practitioner)


class TokenQuerySet(models.QuerySet["Token"]):
    def waiting(self) -> "TokenQuerySet":
        """The line, who is next first."""
        return self.filter(status=Token.Status.WAITING).order_by("place", "serial")

    def open(self) -> "TokenQuerySet":
        return self.filter(status__in=OPEN)


class Token(ClinicRow):
    """A number in a queue: `A-001`. `place` orders those who wait, lower is sooner; it means nothing once called."""

    class Status(models.TextChoices):
        WAITING = "waiting"
        CALLED = "called"
        SERVING = "serving"
        HELD = "held"
        SKIPPED = "skipped"
        FINISHED = "finished"
        CANCELLED = "cancelled"
        TRANSFERRED = "transferred"

    queue = models.ForeignKey(Queue, on_delete=models.PROTECT, related_name="tokens")
    appointment = models.ForeignKey(Appointment, on_delete=models.PROTECT, null=True, blank=True, related_name="tokens")
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    serial = models.PositiveIntegerField()  # 1, 2, 3 … without gaps
    number = models.CharField(max_length=12)
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.WAITING)
    priority = models.CharField(max_length=10, default="normal")
    place = models.DecimalField(max_digits=20, decimal_places=6)
    due_at = models.DateTimeField(null=True)  # booked time; none for walk-ins
    arrived_at = models.DateTimeField()
    called_at = models.DateTimeField(null=True)
    calls = models.PositiveSmallIntegerField(default=0)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    # what they were told on arrival, in seconds from it: half of the time it is shorter than low, once in ten longer than high
    wait_low = models.PositiveIntegerField(null=True)
    wait_high = models.PositiveIntegerField(null=True)

    objects = TokenQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["queue", "serial"], name="token_serial_once"),
            models.UniqueConstraint(
                fields=["appointment"],
                condition=Q(status__in=["waiting", "called", "serving", "held", "skipped"]),
                name="token_one_open_per_appointment",
            ),
            models.CheckConstraint(
                condition=Q(priority__in=["emergency", "urgent", "high", "normal", "low", "routine"]),
                name="token_priority_known",
            ),
        ]
        indexes = [models.Index(fields=["queue", "status", "place"], name="token_next")]

    def __str__(self) -> str:
        return self.number


S = Token.Status
OPEN = (S.WAITING, S.CALLED, S.SERVING, S.HELD, S.SKIPPED)


class QueueEvent(ClinicRow):
    """One entry of a queue's log; `seq` counts 1, 2, 3 … Written with the change, never altered.

    `face` is the token as screens may see it at that moment: numbers, no names. `before` is what undo puts back.
    """

    queue = models.ForeignKey(Queue, on_delete=models.PROTECT, related_name="events")
    seq = models.PositiveBigIntegerField()
    event = models.CharField(max_length=30)  # token.called …
    token = models.ForeignKey(Token, on_delete=models.PROTECT, related_name="events")
    face: "models.JSONField[dict[str, object], dict[str, object]]" = models.JSONField()
    before: "models.JSONField[dict[str, object], dict[str, object]]" = models.JSONField(default=dict)
    at = models.DateTimeField()
    by = models.UUIDField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["queue", "seq"], name="queue_event_seq_once")]
