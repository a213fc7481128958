"""Who waits for whom today? A queue per practitioner and day, its tokens, and the log of everything that happened to them."""

from django.db import models
from django.db.models import Q

from appointments.models import Appointment, Practitioner
from healthcare.core.tenancy import ClinicRow


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

    class Meta:
        constraints = [models.UniqueConstraint(fields=["practitioner", "day"], name="queue_once_a_day")]
        indexes = [models.Index(fields=["day"], name="queue_by_day")]

    def __str__(self) -> str:
        return str(self.pk)


class Token(ClinicRow):
    """A place in a queue: `A-001`. `place` orders those who wait (lower is sooner); `rank` notes why."""

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

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["queue", "serial"], name="token_serial_once"),
            models.UniqueConstraint(
                fields=["appointment"],
                condition=Q(status__in=["waiting", "called", "serving", "held", "skipped"]),
                name="token_one_open_per_appointment",
            ),
        ]
        indexes = [models.Index(fields=["queue", "status", "place"], name="token_next")]

    def __str__(self) -> str:
        return self.number


class QueueEvent(ClinicRow):
    """One entry of a queue's log; `seq` counts 1, 2, 3 … `token` is its public face at that moment: numbers, no names."""

    queue = models.ForeignKey(Queue, on_delete=models.PROTECT, related_name="events")
    seq = models.PositiveBigIntegerField()
    event = models.CharField(max_length=30)  # token.called …
    token: "models.JSONField[dict[str, object] | None, dict[str, object] | None]" = models.JSONField(null=True)
    at = models.DateTimeField()
    by = models.UUIDField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["queue", "seq"], name="queue_event_seq_once")]
