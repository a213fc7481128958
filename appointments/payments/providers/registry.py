"""Which gateways are there, and which one does the clinic use?"""

from collections.abc import Callable

from appointments.payments.models import GatewayAccount
from appointments.payments.providers.base import Gateway
from appointments.payments.providers.stripe_gateway import StripeGateway
from healthcare.core.errors import Refused

GATEWAYS: dict[str, Callable[[str, str], Gateway]] = {StripeGateway.code: StripeGateway}
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
    return GATEWAYS[account.provider](str(account.secret_key), str(account.webhook_secret))
