"""Who paid what? Some of the demo's visits that are over were paid at the desk; one got a part back."""

import datetime as dt
from decimal import Decimal

from accounts.roles import Role
from appointments.models import Appointment
from appointments.payments.services.bills import set_price, usual_price
from appointments.payments.services.refunding import refund
from appointments.payments.services.taking import take
from appointments.workflow import State
from healthcare.demo.clinics import DemoClinic
from healthcare.demo.diary import People
from healthcare.demo.ids import dice
from healthcare.demo.plan import is_seeded

MANY = 25  # a clinic
PRICES = {"INR": (400, 500, 700, 1200), "USD": (60, 80, 120), "EUR": (50, 75, 110)}


def collect(demo: DemoClinic, people: People, now: dt.datetime) -> int:
    """The newest visits that are over are paid, up to a number; answers how many payments are new."""
    over = Appointment.objects.filter(state=State.COMPLETED, ends_at__lte=now).order_by("-ends_at", "id")[:MANY]
    return sum(_paid(demo, row, people) for row in over.select_related("bill") if not hasattr(row, "bill"))


def _paid(demo: DemoClinic, row: Appointment, people: People) -> int:
    if not is_seeded(demo, row.id, row.starts_at.astimezone(row.zone).date()):
        return 0
    luck, by = dice(row.id, "paid"), people[Role.BILLING_SPECIALIST].id
    if usual_price(row) is None:
        price = Decimal(luck.choice(PRICES.get(demo.currency, PRICES["EUR"])))
        set_price(appointment=row, price=price, by=by, now=row.ends_at)
    payment = take(appointment=row, method=luck.choice(("cash", "card", "upi")), by=by, now=row.ends_at)
    if luck.random() < 0.08:
        refund(payment_id=payment.id, why="goodwill", by=by, now=row.ends_at, amount=payment.amount / 2)
    return 1
