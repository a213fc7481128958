"""What does the frame itself keep? Events, job rows, heartbeats, stored answers: all in public, ids only."""

from uuid import UUID

from django.db import models
from django.db.models.functions import Coalesce, Now

from healthcare.core.tenancy import Row


class EventRecord(Row):
    """Something happened in a clinic (or on the platform): its name and the ids of what it happened to."""

    clinic_id = models.UUIDField(null=True)
    name = models.CharField(max_length=80)
    payload = models.JSONField(default=dict)
    actor_id = models.UUIDField(null=True)
    request_id = models.CharField(max_length=64, blank=True)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "event"
        indexes = [models.Index(fields=["clinic_id", "id"], name="event_by_clinic")]


NOBODYS = UUID(int=0)  # stands for "no clinic" where clinics take turns


class Priority(models.IntegerChoices):
    """The most pressing first."""

    URGENT = 1
    NORMAL = 2
    LOW = 3


class Job(Row):
    """A piece of work owed. The row is the truth; a message to a worker only says that it is there.

    `args` are ids and short codes, never health data. `key` makes enqueueing idempotent. `sent_at` says that it is due and
    was announced; `rank_at` orders a clinic's jobs in a queue. `attempts` counts tries that failed or go on, `lost` those whose
    worker was lost: most often another job's fault, so they are not held against it soon.
    """

    class State(models.TextChoices):
        READY = "ready"
        RUNNING = "running"
        DONE = "done"
        DEAD = "dead"
        CANCELLED = "cancelled"

    clinic_id = models.UUIDField(null=True)
    queue = models.CharField(max_length=40)
    name = models.CharField(max_length=80)
    args = models.JSONField(default=dict)
    key = models.CharField(max_length=200, unique=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.READY)
    priority = models.PositiveSmallIntegerField(choices=Priority.choices, default=Priority.NORMAL, db_default=Priority.NORMAL)
    attempts = models.PositiveSmallIntegerField(default=0)
    lost = models.PositiveSmallIntegerField(default=0, db_default=0)
    due_at = models.DateTimeField()
    rank_at = models.DateTimeField(db_default=Now())
    sent_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=120, blank=True)  # class name of the last failure, never its text
    request_id = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "job"
        constraints = [models.CheckConstraint(condition=models.Q(attempts__lte=100), name="job_attempts_bounded")]
        indexes = [
            models.Index(fields=["due_at"], name="job_owed", condition=models.Q(state__in=["ready", "running"])),
            models.Index(fields=["queue", "state"], name="job_by_queue"),
            models.Index(
                "queue",
                Coalesce("clinic_id", models.Value(NOBODYS)),
                "rank_at",
                name="job_next",
                condition=models.Q(state="ready", sent_at__isnull=False),
            ),
            models.Index(fields=["finished_at", "queue"], name="job_done_lately", condition=models.Q(state="done")),
        ]


class Heartbeat(models.Model):
    """When a part of the product last did its work (written by the work itself, never by a timer beside it)."""

    part = models.CharField(max_length=60, primary_key=True)
    seen_at = models.DateTimeField()

    class Meta:
        db_table = "heartbeat"


class StoredAnswer(models.Model):
    """The answer to an unsafe call that carried an Idempotency-Key, sealed, for 24 hours."""

    key = models.BinaryField(primary_key=True)  # digest of caller, method, path and key
    fingerprint = models.BinaryField()  # digest of the body
    status = models.PositiveSmallIntegerField(null=True)
    body = models.BinaryField(null=True)  # sealed under the platform key
    headers = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        db_table = "stored_answer"


class Count(models.Model):
    """Limits while Valkey is away: how often in the current window."""

    key = models.CharField(max_length=120, primary_key=True)
    count = models.PositiveIntegerField()
    until = models.DateTimeField()

    class Meta:
        db_table = "limit_count"
