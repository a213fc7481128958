"""What follows for integrators from whatever happened? A delivery is owed to each webhook that wants the event."""

from accounts.roles import Role
from healthcare.core.events import hears_all, listens_to
from healthcare.core.models import EventRecord
from healthcare.core.tenancy import clinic_or_none
from notifications.services.alerting import tell_holders
from notifications.webhooks.events import WebhookStopped
from notifications.webhooks.services import delivering


@hears_all
def owe_deliveries(event: EventRecord) -> None:
    if event.clinic_id is not None and clinic_or_none() is not None:
        delivering.owe(event=event)


@listens_to(WebhookStopped)
def tell_administrators(event: WebhookStopped) -> None:
    clinic = clinic_or_none()
    tell_holders(
        message="webhook_stopped", roles=(Role.CLINIC_ADMIN,), about={"webhook": event.webhook_id}, clinic_id=clinic.id
    )
