"""Which gateways are there, and which one does the clinic use?"""

from typing import Any

from django.utils.module_loading import import_string

from appointments.payments.models import GatewayAccount
from appointments.payments.providers.base import Gateway
from healthcare.core.errors import Refused

# by path: a gateway's own library is loaded by who asks it, not by every process that starts
GATEWAYS = {"stripe": "appointments.payments.providers.stripe_gateway.StripeGateway"}
DESK = "desk"  # money in the hand, or a terminal that stands there: no gateway to ask


class NoGateway(Refused):
    code = "no_gateway"
    detail = "The clinic takes no payments online; pay at the desk."


def gateway(provider: str | None = None) -> Gateway:
    """The clinic's gateway: the active one, or the one named (which need not be active any more). Raises NoGateway."""
    rows = GatewayAccount.objects.order_by("id")
    account = (rows.filter(provider=provider) if provider else rows.filter(is_active=True)).first()
    if account is None or account.provider not in GATEWAYS:
        raise NoGateway
    sort: Any = import_string(GATEWAYS[account.provider])
    asked: Gateway = sort(str(account.secret_key), str(account.webhook_secret))
    return asked
