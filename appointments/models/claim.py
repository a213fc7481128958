"""What does an appointment hold for its time? One row a resource; the database lets no two overlap."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import Q

from appointments.models.appointment import Appointment
from appointments.models.resource import GroupSession
from healthcare.core.tenancy import ClinicRow


class Claim(ClinicRow):
    """A practitioner, room, device or patient held for a time (buffers included), in one lane of its capacity.

    Lanes above the capacity are deliberate overbooking. A `seat` is a place in a group session (the resource), a `quota` one
    of so many appointments of a day (the day held whole). With `expires_at` it is a hold: once that has passed, the next
    claim of the same time removes it (trigger `outlives_holds`). A claim never changes its resource, lane or time. Triggers
    keep `public.busy`, by which nobody is claimed in two clinics at once. Taken by `services.claims.take` only: a plain
    insert that waits for its rival deadlocks.
    """

    class Resource(models.TextChoices):
        PRACTITIONER = "practitioner"
        PATIENT = "patient"
        ROOM = "room"
        DEVICE = "device"
        SEAT = "seat"
        QUOTA = "quota"

    # exactly one of the two (constraint claim_of_one_thing)
    appointment = models.ForeignKey(Appointment, on_delete=models.CASCADE, null=True, related_name="claims")
    group = models.ForeignKey(GroupSession, on_delete=models.CASCADE, null=True, related_name="claims")
    resource = models.CharField(max_length=12, choices=Resource.choices)
    resource_id = models.UUIDField()
    lane = models.PositiveSmallIntegerField(default=0)
    during = DateTimeRangeField()
    expires_at = models.DateTimeField(null=True)

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
            models.CheckConstraint(
                condition=Q(appointment__isnull=False, group__isnull=True) | Q(appointment__isnull=True, group__isnull=False),
                name="claim_of_one_thing",
            ),
        ]
