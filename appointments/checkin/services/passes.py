"""What can a patient show instead of speaking at the desk? A signed pass that works once, within minutes; or its short code."""

import datetime as dt
import hashlib
import secrets
from typing import NamedTuple
from uuid import UUID

import segno
from django.core import signing
from django.db import transaction
from django.db.models import QuerySet

from appointments import workflow
from appointments.checkin.models import Arrival, Pass
from appointments.checkin.services.arriving import arrive
from appointments.models import Appointment
from appointments.services.locked import locked
from appointments.services.steps import CHECK_IN_CLOSES, TooLate
from healthcare.core.errors import Refused
from healthcare.core.tenancy import current_clinic

LIFE = dt.timedelta(minutes=15)
ALPHABET = "ABCDEFGHJKLMNPQRTUVWXY346789"  # nothing that is mistaken for something else
CODE = 8


class BadPass(Refused):
    """The same for forged, used, old and another clinic's."""

    status = 404
    code = "bad_pass"
    detail = "This pass is not valid (any more); show a new one."


class Issued(NamedTuple):
    token: str
    code: str
    expires_at: dt.datetime
    svg: str


@transaction.atomic
def issue(*, appointment: Appointment, now: dt.datetime) -> Issued:
    """A new pass; the one before it is void. Raises WrongState, TooLate."""
    row = locked(appointment)
    workflow.step("check_in", row.state)
    if now > row.starts_at + CHECK_IN_CLOSES:
        raise TooLate
    secret, code = secrets.token_urlsafe(24), "".join(secrets.choice(ALPHABET) for _ in range(CODE))
    Pass.objects.filter(appointment=row).delete()
    made = Pass(appointment=row, digest=_digest(secret), code_digest=_digest(code), expires_at=now + LIFE)
    made.save(force_insert=True)
    token = _signer().sign(secret)
    return Issued(token, code, made.expires_at, str(segno.make(token, error="m").svg_inline(scale=6)))


@transaction.atomic
def show(
    *, token: str, way: Arrival.Way, now: dt.datetime, by: UUID | None = None, display_id: UUID | None = None
) -> Appointment:
    """Check in whoever holds the pass. Raises BadPass, and as `arriving.arrive` does (then the pass is still good)."""
    try:
        secret = _signer().unsign(token)
    except signing.BadSignature:
        raise BadPass from None
    return _used(Pass.objects.filter(digest=_digest(secret)), way, now, by, display_id)


@transaction.atomic
def type_in(*, code: str, now: dt.datetime, display_id: UUID) -> Appointment:
    """Check in whoever was given the short code. Raises as `show` does."""
    plain = code.strip().upper().replace("-", "").replace(" ", "")
    return _used(Pass.objects.filter(code_digest=_digest(plain)), Arrival.Way.CODE_AT_KIOSK, now, None, display_id)


def _used(rows: QuerySet[Pass], way: Arrival.Way, now: dt.datetime, by: UUID | None, display_id: UUID | None) -> Appointment:
    """The appointment's lock is taken first, as by everybody; then the pass is looked at again."""
    found = rows.filter(expires_at__gt=now).select_related("appointment").first()
    if found is None:
        raise BadPass
    row = locked(found.appointment)
    if not rows.filter(pk=found.pk).exists():
        raise BadPass
    return arrive(appointment=row, way=way, now=now, by=by, display_id=display_id)


def _signer() -> signing.Signer:
    """The clinic is in the salt, so another clinic's pass is a forged one here."""
    return signing.Signer(salt=f"check-in:{current_clinic().id}", sep=".")


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode(errors="replace")).digest()
