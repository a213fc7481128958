"""What does an appointment cost? The kind's price, or what staff set; fixed on a bill once money is asked for."""

import datetime as dt
from decimal import Decimal
from uuid import UUID

from django.db import transaction

from appointments.models import Appointment
from appointments.payments.events import PriceSet
from appointments.payments.models import Bill
from appointments.payments.money import exact
from appointments.plugins.registry import hooks_of
from clinics.settings_of import settings_here
from healthcare.core.errors import Refused, refusing
from healthcare.core.events import publish
from healthcare.core.tenancy import current_clinic


class NoPrice(Refused):
    code = "no_price"
    detail = "This kind of appointment has no price; set one first."


class PriceBelowPaid(Refused):
    code = "price_below_paid"
    detail = "More than that is paid or asked for already; give it back first."


def usual_price(appointment: Appointment) -> Decimal | None:
    """In the clinic's currency, as the clinic's settings say or else the kind; None where nothing is stated."""
    clinics_own = settings_here().for_kind(appointment.kind).price
    return hooks_of(appointment.kind).price if clinics_own is None else clinics_own


def locked_bill(appointment: Appointment) -> Bill:
    """The appointment's bill under its lock, made at the usual price if need be. Raises NoPrice."""
    if (bill := _locked(appointment)) is not None:
        return bill
    price = usual_price(appointment)
    if price is None:
        raise NoPrice
    return _made(appointment, price)


@transaction.atomic
def set_price(*, appointment: Appointment, price: Decimal, by: UUID, now: dt.datetime, version: int | None = None) -> Bill:
    """Staff say what this appointment costs. Raises NotAnAmount, PriceBelowPaid, StaleWrite."""
    price = exact(price, current_clinic().currency)
    bill = _locked(appointment) or _made(appointment, price)
    if bill.price != price:
        bill.price = exact(price, bill.currency)
        with refusing("bill_never_overpaid", PriceBelowPaid):
            bill.save(update_fields=["price"])
    publish(PriceSet(bill_id=bill.id, appointment_id=appointment.id, version=bill.version))
    return bill


def _locked(appointment: Appointment) -> Bill | None:
    return Bill.objects.select_for_update(no_key=True).filter(appointment=appointment.pk).first()


def _made(appointment: Appointment, price: Decimal) -> Bill:
    """Two who would make it at once wait for each other at the appointment's row, which is locked before any bill."""
    Appointment.objects.select_for_update(of=("self",), no_key=True).get(pk=appointment.pk)
    if (bill := _locked(appointment)) is not None:
        return bill
    currency = current_clinic().currency
    row = Bill(appointment=appointment, price=exact(price, currency), currency=currency)
    row.save(force_insert=True)
    return row
