"""What do the small apps beside the appointments hold in a throw-away clinic? Payments and what went back."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from accounts.membership import Member
from appointments.models import Appointment
from appointments.payments.models import GatewayAccount, Payment
from appointments.payments.services.bills import set_price
from appointments.payments.services.refunding import refund
from appointments.payments.services.taking import take

if TYPE_CHECKING:
    from healthcare.probe.world import House


class Beside:
    """`word(family, whose)` makes a canary, `note(kind, own=…, sibling=…, deleted=…)` tells the probe of rows."""

    def __init__(self, house: "House", word: Callable[..., str], note: Callable[..., None], now: dt.datetime) -> None:
        self.house, self.word, self.note, self.now = house, word, note, now

    def run(self, row: Appointment, desk: Member) -> None:
        """`row` is the patient's own appointment with the doctor."""
        self.row, self.by = row, desk.user_id
        self._money()

    def _money(self) -> None:
        """Two payments, money back from one, an order that is gone, and a gateway's account."""
        set_price(appointment=self.row, price=Decimal(100), by=self.by, now=self.now)
        known: dict[str, Any] = {"by": self.by, "now": self.now}
        own, other = (take(appointment=self.row, method="cash", amount=Decimal(30), **known) for _ in range(2))
        parts = [refund(payment_id=own.id, why="goodwill", amount=Decimal(part), **known) for part in (1, 2)]
        gone = Payment(bill=own.bill, amount=Decimal(1), method="online", state="lapsed", provider="stripe")
        gone.save()
        self.note("payment", own=own, sibling=other, deleted=gone)
        self.note("refund", own=parts[0], sibling=parts[1])
        account = GatewayAccount(provider="stripe", secret_key=self.word("secret"), webhook_secret=self.word("secret"))
        account.save()
        self.note("account", own=account)
