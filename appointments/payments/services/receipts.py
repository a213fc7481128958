"""Which paper says that money was received or given back? Numbered without gaps per clinic and year, in the change itself."""

import datetime as dt
from zoneinfo import ZoneInfo

from django.db import connection

from appointments.payments.models import Payment, Receipt, Refund
from appointments.payments.money import shown
from healthcare.core.tenancy import current_clinic

NEXT = """
INSERT INTO payments_receiptbook AS book (id, year, last) VALUES (gen_random_uuid(), %s, 1)
ON CONFLICT (year) DO UPDATE SET last = book.last + 1 RETURNING last
"""


def issue(*, now: dt.datetime, payment: Payment | None = None, refund: Refund | None = None) -> Receipt:
    """The next number; the last lock a transaction takes, held to its end, so that a rollback leaves no gap."""
    year = now.astimezone(ZoneInfo(current_clinic().zone)).year
    with connection.cursor() as cursor:
        cursor.execute(NEXT, [year])
        (serial,) = cursor.fetchone()
    row = Receipt(year=year, serial=serial, payment=payment, refund=refund, issued_at=now)
    row.save(force_insert=True)
    return row


def written(receipt: Receipt, *, with_patient: bool) -> str:
    """The receipt as text: what a desk prints. It says nothing of what was treated; whose it is only to who may know."""
    clinic, refund = current_clinic(), receipt.refund
    payment = refund.payment if refund is not None else receipt.payment
    assert payment is not None, "receipt_for_one_thing"
    bill, thing = payment.bill, refund or payment
    zone = ZoneInfo(clinic.zone)
    lines = [
        clinic.name,
        f"{'Credit note' if refund is not None else 'Receipt'} {receipt.number}",
        f"Issued {receipt.issued_at.astimezone(zone):%Y-%m-%d %H:%M %Z}",
        *([f"Patient {bill.appointment.patient.mrn}"] if with_patient else []),
        f"Appointment {bill.appointment.starts_at.astimezone(zone):%Y-%m-%d %H:%M}",
        f"{'Given back' if refund is not None else 'Received'} {shown(thing.amount, bill.currency)} {bill.currency}"
        f" ({payment.get_method_display().lower()}{', ' + payment.reference if payment.reference else ''})",
        f"Price {shown(bill.price, bill.currency)} {bill.currency}",
    ]
    return "\n".join(lines) + "\n"
