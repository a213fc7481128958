"""Who is told that their turn is near? Whoever stands third in line or nearer, once."""

from uuid import UUID

from appointments.queue.models import Queue, Token
from notifications.models import Notification
from notifications.policy import NEAR
from notifications.services.telling import tell_patient

MESSAGE = "turn_near"


def tell_who_is_near(*, queue_id: UUID) -> int:
    """Answers how many were told. The queue's row is held, so that two calls at once don't tell anybody twice."""
    Queue.objects.select_for_update().get(pk=queue_id)
    line = Token.objects.filter(queue=queue_id).waiting().select_related("patient", "appointment__patient")[:NEAR]
    told = set(
        Notification.objects.filter(message=MESSAGE, subject_ids__token__in=[str(token.id) for token in line]).values_list(
            "subject_ids__token", flat=True
        )
    )
    count = 0
    for place, token in enumerate(line, 1):
        patient = token.appointment.patient if token.appointment else token.patient
        if patient is not None and str(token.id) not in told:
            tell_patient(message=MESSAGE, patient=patient, about={"token": token.id, "place_in_line": place})
            count += 1
    return count
