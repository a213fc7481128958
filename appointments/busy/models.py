"""When is a person at work, whichever clinic it is for? The one table that sees across clinics: no patient, no kind, no place.

Written by triggers of each clinic's claims alone, as the owner: a clinic's role has no right here. It is told when its own
people are busy elsewhere by the function `busy_elsewhere`, never where.
"""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models


class Busy(models.Model):
    """One practitioner's claim, under the claim's own id. Within a clinic its own claims decide (lanes, overbooking)."""

    id = models.UUIDField(primary_key=True)
    clinic_id = models.UUIDField(db_index=True)
    person_id = models.UUIDField()  # accounts.User
    during = DateTimeRangeField()

    class Meta:
        db_table = "busy"
        constraints = [
            ExclusionConstraint(
                name="busy_nobody_in_two_clinics",
                expressions=[
                    ("person_id", RangeOperators.EQUAL),
                    ("clinic_id", RangeOperators.NOT_EQUAL),
                    ("during", RangeOperators.OVERLAPS),
                ],
            )
        ]

    def __str__(self) -> str:
        return str(self.pk)
