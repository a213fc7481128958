"""What does an appointment hold for its time? One row a resource; the database lets no two overlap."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import Q

from appointments.models.appointment import Appointment
from healthcare.core.tenancy import ClinicRow


class Claim(ClinicRow):
    """A practitioner, room, device or patient held for a time (buffers included), in one lane of its capacity.

    Lanes above the capacity are deliberate overbooking. Written only by `INSERT … ON CONFLICT DO NOTHING` with ids made by
    the application and read back: a plain insert that waits for its rival deadlocks.
    """

    class Resource(models.TextChoices):
        PRACTITIONER = "practitioner"
        PATIENT = "patient"
        ROOM = "room"
        DEVICE = "device"

    appointment = models.ForeignKey(Appointment, on_delete=models.CASCADE, related_name="claims")
    resource = models.CharField(max_length=12, choices=Resource.choices)
    resource_id = models.UUIDField()
    lane = models.PositiveSmallIntegerField(default=0)
    during = DateTimeRangeField()

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="claim_no_overlap",
                expressions=[
                    ("resource_id", RangeOperators.EQUAL),
                    ("lane", RangeOperators.EQUAL),
                    ("during", RangeOperators.OVERLAPS),
                ],
            ),
            models.CheckConstraint(condition=Q(during__isempty=False), name="claim_during_not_empty"),
        ]
