"""By which ways do patients say that they are here? Passes to show, kiosks to stand at, and how each arrival was told."""

from django.db import models
from django.db.models import Q

from appointments.models import Appointment
from healthcare.core.tenancy import ClinicRow


class Pass(ClinicRow):
    """What a patient's phone shows as a QR code, or the patient types as a short code. Works once, for minutes, for one
    appointment; only digests are kept."""

    appointment = models.ForeignKey(Appointment, on_delete=models.CASCADE, related_name="passes")
    digest = models.BinaryField(unique=True)
    code_digest = models.BinaryField(unique=True)
    expires_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["appointment"], name="pass_one_of_an_appointment")]

    def __str__(self) -> str:
        return str(self.pk)


class Kiosk(ClinicRow):
    """A paired screen at which patients may check in."""

    display_id = models.UUIDField()  # accounts.Display
    allowed_by = models.UUIDField()
    allowed_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["display_id"], name="kiosk_display_once")]

    def __str__(self) -> str:
        return str(self.display_id)


class Arrival(ClinicRow):
    """How an arrival was told. Never where somebody was: coordinates are judged and forgotten."""

    class Way(models.TextChoices):
        PASS_AT_KIOSK = "pass_at_kiosk"
        CODE_AT_KIOSK = "code_at_kiosk"
        NUMBER_AT_KIOSK = "number_at_kiosk"
        PASS_AT_DESK = "pass_at_desk"
        PLACE = "place"

    appointment = models.OneToOneField(Appointment, on_delete=models.CASCADE, related_name="arrival")
    way = models.CharField(max_length=20, choices=Way.choices)
    display_id = models.UUIDField(null=True)
    by = models.UUIDField(null=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(way__endswith="_at_kiosk") | Q(display_id__isnull=False), name="arrival_at_kiosk_names_it"
            )
        ]

    def __str__(self) -> str:
        return str(self.way)
