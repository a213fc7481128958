"""What becomes of a laboratory or imaging order? Made with its appointment, collected, reported; or called off with it."""

import datetime as dt
from uuid import UUID

from django.db import transaction

from appointments.events import OrderReported
from appointments.models import Appointment, ServiceOrder
from appointments.plugins.registry import hooks_of
from appointments.workflow import HOLDS_TIME, State
from healthcare.core.errors import NotFound, Reason, Refused
from healthcare.core.events import publish

ORDERED, COLLECTED, REPORTED = ServiceOrder.State.ORDERED, ServiceOrder.State.COLLECTED, ServiceOrder.State.REPORTED
ALPHABET = "0123456789ACDEFGHJKLMNPQRTUVWXYZ"  # nothing that is misread on a tube


class WrongOrderState(Refused):
    code = "wrong_order_state"
    detail = "The order is not in a state from which this can be done."


@transaction.atomic
def place(*, appointment_id: UUID) -> None:
    """The order of an agreed appointment, with its accession number; cancelled when the appointment is off. May run twice."""
    row = Appointment.objects.select_for_update(no_key=True).filter(pk=appointment_id).first()
    if row is None:
        return
    order = ServiceOrder.objects.filter(appointment=row).first()
    kind = hooks_of(row.kind)
    if row.state in HOLDS_TIME and order is None and kind.specimen is not None:
        number = accession_of(row)
        ServiceOrder(appointment=row, service=row.kind, accession=number, specimen=kind.specimen).save(force_insert=True)
    elif row.state not in HOLDS_TIME and order is not None and order.state == ORDERED:
        order.state = ServiceOrder.State.CANCELLED
        order.save(update_fields=["state"])


@transaction.atomic
def collect(*, appointment: Appointment, by: UUID | None, now: dt.datetime) -> ServiceOrder:
    """The specimen was taken (or the images were). Raises WrongOrderState, NotFound."""
    order = _locked(appointment)
    here = (State.CHECKED_IN, State.WAITING, State.IN_PROGRESS, State.COMPLETED)
    if order.state != ORDERED or order.appointment.state not in here:
        raise _wrong(order)
    order.state, order.collected_at = COLLECTED, now
    order.save(update_fields=["state", "collected_at"])
    return order


@transaction.atomic
def report(*, appointment: Appointment, result: str, by: UUID | None, now: dt.datetime) -> ServiceOrder:
    """The result is there; a later one replaces it. Raises WrongOrderState, NotFound."""
    order = _locked(appointment)
    if order.state not in (COLLECTED, REPORTED):
        raise _wrong(order)
    order.state, order.result, order.reported_at, order.reported_by = REPORTED, result, now, by
    order.save(update_fields=["state", "result", "reported_at", "reported_by"])
    publish(OrderReported(appointment_id=order.appointment_id, order_id=order.id))
    return order


def accession_of(row: Appointment) -> str:
    """Day of the appointment and ten letters of its id's random part: unique in the clinic by constraint."""
    rest, letters = row.pk.int & ((1 << 50) - 1), ""
    for _ in range(10):
        rest, digit = divmod(rest, 32)
        letters += ALPHABET[digit]
    return f"{row.starts_at:%y%m%d}-{letters}"


def _locked(appointment: Appointment) -> ServiceOrder:
    rows = ServiceOrder.objects.select_related("appointment").select_for_update(of=("self",), no_key=True)
    if (order := rows.filter(appointment=appointment).first()) is None:
        raise NotFound
    return order


def _wrong(order: ServiceOrder) -> WrongOrderState:
    why = f"The order is {order.state}, its appointment {order.appointment.state}."
    return WrongOrderState(reasons=[Reason(WrongOrderState.code, why)])
