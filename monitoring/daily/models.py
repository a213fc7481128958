"""How did a day go? One row a day: counts and sums that name nobody."""

from django.db import models

from accounts.membership import Member
from healthcare.core.tenancy import ClinicRow


class DayQuerySet(models.QuerySet["Day"]):
    def visible_to(self, member: Member, permission: str) -> "DayQuerySet":
        return self if member.may(permission) else self.none()


class Day(ClinicRow):
    """Of the clinic's own calendar. Waits are in seconds, from arrival to being called, of those who were called that day.

    Percentiles are left out where so few waited that they would be somebody's own (`FEW`). `utilisation` is the share of the
    practitioners' opening minutes that were used; it passes 1 where people worked longer.
    """

    day = models.DateField()
    expected = models.PositiveIntegerField(default=0)  # appointments that were to begin that day
    seen = models.PositiveIntegerField(default=0)
    cancelled = models.PositiveIntegerField(default=0)
    no_shows = models.PositiveIntegerField(default=0)
    walk_ins = models.PositiveIntegerField(default=0)
    waited = models.PositiveIntegerField(default=0)
    wait_p50 = models.PositiveIntegerField(null=True)
    wait_p90 = models.PositiveIntegerField(null=True)
    open_minutes = models.PositiveIntegerField(default=0)
    used_minutes = models.PositiveIntegerField(default=0)
    revenue = models.DecimalField(max_digits=16, decimal_places=4, default=0)  # received less given back, in `currency`
    currency = models.CharField(max_length=3)
    counted_at = models.DateTimeField()

    objects = DayQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["day"], name="day_once")]

    def __str__(self) -> str:
        return self.day.isoformat()

    @property
    def utilisation(self) -> float | None:
        return round(self.used_minutes / self.open_minutes, 4) if self.open_minutes else None

    @property
    def no_show_rate(self) -> float | None:
        held = self.seen + self.no_shows
        return round(self.no_shows / held, 4) if held else None
