"""What does a gateway tell us? Its note is stored first and answered; what follows is a job's work."""

import datetime as dt
from collections.abc import Mapping
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from appointments.payments.models import GatewayNote, Payment
from appointments.payments.providers.base import BadSignature
from appointments.payments.providers.registry import NoGateway, gateway
from appointments.payments.services.gateways import settle
from healthcare.core.jobs import enqueue


@transaction.atomic
def note(*, provider: str, body: bytes, headers: Mapping[str, str], now: dt.datetime) -> bool:
    """Keep a verified message, once however often it comes. Answers whether it was new. Raises BadSignature."""
    try:
        told = gateway(provider).read(body, headers)
    except NoGateway:
        raise BadSignature from None  # who guesses learns nothing of which clinic has an account
    row = GatewayNote(provider=provider, event_id=told.event_id, about=told.about, received_at=now)
    GatewayNote.objects.bulk_create([row], ignore_conflicts=True)
    is_new = GatewayNote.objects.filter(pk=row.pk).exists()
    if is_new:
        enqueue("payment.note", key=f"payment.note:{row.id}", note_id=row.id)
    return is_new


def act_on(*, note_id: UUID, now: dt.datetime) -> None:
    """Look at whatever the message is about; of what is none of ours there is nothing to look at."""
    told = GatewayNote.objects.get(pk=note_id)
    ours = Q(provider_id=told.about) | Q(charge_id=told.about) | Q(refunds__provider_id=told.about)
    for payment_id in Payment.objects.filter(ours, provider=told.provider).values_list("id", flat=True).distinct():
        settle(payment_id=payment_id, now=now)
