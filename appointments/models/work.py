"""What does a kind of appointment owe beside the meeting? Stations, orders, instructions, follow-ups that fall due."""

from django.db import models
from django.db.models import F, Q

from appointments.models.appointment import Appointment
from healthcare.core.crypto import Scope, patient_scope
from healthcare.core.fields import SealedText
from healthcare.core.tenancy import ClinicRow, current_clinic
from healthcare.core.versions import Versioned


class Station(ClinicRow, Versioned):
    """One stop of a check-up, in order: one at a time, the next when the one before is done or skipped."""

    class State(models.TextChoices):
        PLANNED = "planned"
        RUNNING = "running"
        DONE = "done"
        SKIPPED = "skipped"

    appointment = models.ForeignKey(Appointment, on_delete=models.CASCADE, related_name="stations")
    place = models.PositiveSmallIntegerField()
    code = models.CharField(max_length=40)
    name = models.CharField(max_length=80)
    minutes = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.PLANNED)
    began_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    by = models.UUIDField(null=True)

    class Meta:
        ordering = ("place",)
        constraints = [
            models.UniqueConstraint(fields=["appointment", "place"], name="station_place_once"),
            models.UniqueConstraint(
                fields=["appointment"], condition=Q(state="running"), name="station_one_running_an_appointment"
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(ended_at__gte=F("began_at")), name="station_ends_after_it_began"
            ),
        ]

    def __str__(self) -> str:
        return self.code


class ServiceOrder(ClinicRow, Versioned):
    """What a laboratory or imaging appointment is for: one order with its accession number, from ordered to reported."""

    class State(models.TextChoices):
        ORDERED = "ordered"
        COLLECTED = "collected"  # the specimen is there, the images are taken
        REPORTED = "reported"
        CANCELLED = "cancelled"

    appointment = models.OneToOneField(Appointment, on_delete=models.CASCADE, related_name="service_order")
    service = models.CharField(max_length=40)  # the kind's code
    accession = models.CharField(max_length=24)  # on the tube or the film
    specimen = models.CharField(max_length=40, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.ORDERED)
    result = SealedText(label="service_order.result", null=True, blank=True)
    collected_at = models.DateTimeField(null=True)
    reported_at = models.DateTimeField(null=True)
    reported_by = models.UUIDField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["accession"], name="service_order_accession_once"),
            models.CheckConstraint(
                condition=~Q(state="reported") | Q(reported_at__isnull=False, result__isnull=False),
                name="service_order_reported_has_a_result",
            ),
        ]
        indexes = [
            models.Index(
                fields=["state", "created_at"], name="service_order_open", condition=Q(state__in=["ordered", "collected"])
            )
        ]

    def __str__(self) -> str:
        return self.accession

    def seal_scope(self) -> Scope:
        return patient_scope(current_clinic().id, self.appointment.patient_id)


class Instruction(ClinicRow, Versioned):
    """What the patient should do before or after, and from when; they see it, and may tick it off."""

    class Phase(models.TextChoices):
        BEFORE = "before"
        AFTER = "after"

    appointment = models.ForeignKey(Appointment, on_delete=models.CASCADE, related_name="instructions")
    phase = models.CharField(max_length=10, choices=Phase.choices)
    place = models.PositiveSmallIntegerField()
    text = models.CharField(max_length=300)  # of the kind, not of the patient
    due_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("due_at", "place")
        constraints = [models.UniqueConstraint(fields=["appointment", "phase", "place"], name="instruction_place_once")]

    def __str__(self) -> str:
        return f"{self.phase} {self.place}"


class FollowUp(ClinicRow, Versioned):
    """That the patient should come again: what for, and by when. Booked or dismissed, it is no longer open."""

    class State(models.TextChoices):
        OPEN = "open"
        DUE = "due"
        BOOKED = "booked"
        DISMISSED = "dismissed"

    appointment = models.OneToOneField(Appointment, on_delete=models.CASCADE, related_name="follow_up")
    kind = models.CharField(max_length=40)
    due_on = models.DateField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    booked = models.ForeignKey(Appointment, on_delete=models.SET_NULL, null=True, related_name="follows_up")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=["open", "due", "booked", "dismissed"]), name="follow_up_state_known")
        ]
        indexes = [models.Index(fields=["due_on"], name="follow_up_due", condition=Q(state="open"))]

    def __str__(self) -> str:
        return str(self.pk)
