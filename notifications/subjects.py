"""What else may a message speak of, beside an appointment? One loader a kind of subject; each answers for many with one query.

    subject_ids = {"token": "0198…", "place_in_line": "3"}

A value whose name has no loader is said as it is (a code, a number). A subject that is not there (any more) makes its message
stale.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.apps import apps

from accounts.models import Session
from appointments.models import Appointment
from appointments.payments.models import Receipt
from appointments.payments.money import exact
from appointments.queue.models import Token
from appointments.queue.waits import following
from appointments.waitlist.models import Offer
from healthcare.core.models import Job
from healthcare.core.tenancy import on_platform

Words = Mapping[str, Any]
Loader = Callable[[list[str]], dict[str, Words]]


def _tokens(ids: list[str]) -> dict[str, Words]:
    rows = Token.objects.filter(pk__in=ids).select_related("queue__practitioner")
    return {
        str(row.id): {"number": row.number, "practitioner": str(row.queue.practitioner), "follow": following.link(row)}
        for row in rows
    }


def _visits(ids: list[str]) -> dict[str, Words]:
    rows = Appointment.objects.filter(pk__in=ids).select_related("practitioner")
    return {str(row.id): {"practitioner": str(row.practitioner)} for row in rows}


def _sessions(ids: list[str]) -> dict[str, Words]:
    with on_platform():
        rows = Session.objects.filter(pk__in=ids).values_list("id", "device", "created_at")
        return {str(row_id): {"device": device or "?", "at": at} for row_id, device, at in rows}


def _jobs(ids: list[str]) -> dict[str, Words]:
    with on_platform():
        rows = Job.objects.filter(pk__in=ids).values_list("id", "queue", "name", "finished_at")
        return {str(row_id): {"queue": queue, "job": name, "at": at or ""} for row_id, queue, name, at in rows}


def _receipts(ids: list[str]) -> dict[str, Words]:
    rows = Receipt.objects.filter(pk__in=ids).select_related("payment__bill", "refund__payment__bill")
    return {str(row.id): {"amount": _amount(row), "receipt": row.number} for row in rows}


def _offers(ids: list[str]) -> dict[str, Words]:
    """Only while it is open: who answered, or came too late, is not told of it any more."""
    rows = Offer.objects.filter(pk__in=ids, state=Offer.State.OPEN).select_related("appointment__practitioner")
    return {str(row.id): _offer(row) for row in rows}


def _offer(row: Offer) -> Words:
    held = row.appointment
    return {"offered": held.starts_at, "until": row.expires_at, "practitioner": str(held.practitioner)}


def _amount(row: Receipt) -> str:
    paid = row.payment or row.refund
    bill = row.payment.bill if row.payment else row.refund.payment.bill if row.refund else None
    return f"{bill.currency} {exact(paid.amount, bill.currency)}" if paid and bill else ""


def _webhooks(ids: list[str]) -> dict[str, Words]:
    rows = apps.get_model("webhooks", "Webhook").objects.filter(pk__in=ids).values_list("id", "host", "failing_since")
    return {str(row_id): {"host": host, "at": since or ""} for row_id, host, since in rows}


LOADERS: dict[str, Loader] = {
    "token": _tokens,
    "visit": _visits,
    "receipt": _receipts,
    "offer": _offers,
    "session": _sessions,
    "job": _jobs,
    "webhook": _webhooks,
}
KEPT = ("appointment",)  # facts of its own


def load(entries: Iterable[Any]) -> dict[Any, dict[str, Any] | None]:
    """By the entry's id what its subjects say; None where one of them is gone."""
    rows = list(entries)
    wanted = {kind: sorted({e.subject_ids[kind] for e in rows if kind in e.subject_ids}) for kind in LOADERS}
    found = {kind: LOADERS[kind](ids) for kind, ids in wanted.items() if ids}
    return {entry.pk: _said(entry, found) for entry in rows}


def _said(entry: Any, found: dict[str, dict[str, Words]]) -> dict[str, Any] | None:
    said: dict[str, Any] = {}
    if not any(kind in LOADERS or kind in KEPT for kind in entry.subject_ids):
        said["at"] = entry.created_at
    for kind, value in entry.subject_ids.items():
        if kind in LOADERS:
            words = found[kind].get(value)
            if words is None:
                return None
            said |= words
        elif kind not in KEPT:
            said[kind] = value
    return said
