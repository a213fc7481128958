"""Who is asked to come again? Whose follow-up has fallen due (`appointments.services.follow_ups`), once."""

from uuid import UUID

from appointments.models import FollowUp
from notifications.services.telling import tell_patient


def invite(*, follow_up_id: UUID) -> None:
    """Tell the patient, in the transaction in which it falls due."""
    row = FollowUp.objects.select_related("appointment__patient").get(pk=follow_up_id)
    tell_patient(message="follow_up_due", patient=row.appointment.patient, about={"visit": row.appointment_id})
