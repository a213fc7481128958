"""When is a follow-up due? As long after the visit as its kind says; by then the patient may have booked one already."""

import datetime as dt
from uuid import UUID

from appointments.models import Appointment
from appointments.plugins.registry import kinds
from appointments.workflow import FINAL, State
from healthcare.core.jobs import enqueue
from notifications.services.telling import tell_patient

INVITE = "follow_up.due"


def plan_follow_up(*, appointment_id: UUID) -> None:
    """Owe the invitation, in the transaction in which the visit is completed; kinds without a follow-up owe none."""
    row = Appointment.objects.only("kind").get(pk=appointment_id)
    kind = kinds().get(row.kind)
    after: dt.timedelta | None = getattr(kind, "follow_up", None)
    if after:
        enqueue(INVITE, key=f"{INVITE}:{appointment_id}", after=after, appointment_id=appointment_id)


def invite(*, appointment_id: UUID, now: dt.datetime) -> bool:
    """Tell the patient, unless they have come since or have an appointment to come with the same practitioner."""
    row = Appointment.objects.select_related("patient").filter(pk=appointment_id, state=State.COMPLETED).first()
    if row is None:
        return False
    later = Appointment.objects.filter(patient=row.patient_id, practitioner=row.practitioner_id, starts_at__gt=row.starts_at)
    if later.exclude(state__in=set(FINAL) - {State.COMPLETED}).exists():
        return False
    tell_patient(message="follow_up_due", patient=row.patient, about={"visit": row.id})
    return True
