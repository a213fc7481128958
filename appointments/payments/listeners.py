"""What happens to open payments when an appointment is off? They are withdrawn; money that was paid is staff's decision."""

from django.utils import timezone

from appointments.events import AppointmentCancelled
from appointments.payments.models import UNSETTLED, Payment
from appointments.payments.services.taking import withdraw
from healthcare.core.context import acting
from healthcare.core.events import listens_to


@listens_to(AppointmentCancelled)
def withdraw_open_payments(event: AppointmentCancelled) -> None:
    rows = Payment.objects.filter(bill__appointment=event.appointment_id, state__in=UNSETTLED)
    for payment_id in rows.values_list("id", flat=True):
        withdraw(payment_id=payment_id, by=acting().actor_id, now=timezone.now())
