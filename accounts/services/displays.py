"""How does a waiting-room screen come to belong to a clinic? It shows a code, staff approve it; later they may revoke it.

What a screen holds is a secret of its own, of which only the digest is kept; the code is worth nothing without it.
"""

import datetime as dt
import hashlib
import hmac
import secrets
from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

from django.db import transaction

from accounts.events import DisplayRevoked
from accounts.models import Display
from healthcare.core import throttles
from healthcare.core.context import acting
from healthcare.core.errors import Overloaded, Refused
from healthcare.core.events import publish
from healthcare.core.tenancy import on_platform
from healthcare.core.throttles import Limit

KIND = "display"
ALPHABET = "ABCDEFGHJKLMNPQRTUVWXY346789"  # nothing that is mistaken for something else across a room
CODE = 6
CODE_LIFE = dt.timedelta(minutes=10)
SEEN = dt.timedelta(minutes=1)  # how often "last seen" is written at most
PER_ADDRESS = Limit("display", 30, 600)
APPROVALS = Limit("display_code", 10, 60)


class UnknownCode(Refused):
    status = 404
    code = "unknown_code"
    detail = "No screen shows this code now; look at the screen again."


class NotADisplay(Refused):
    status = 401
    code = "not_a_display"
    detail = "This screen is not known (any more); pair it again."


class NotApproved(Refused):
    code = "not_approved"
    detail = "Staff have not approved this screen yet."


class Announced(NamedTuple):
    display: Display
    secret: str


def announce(*, now: dt.datetime) -> Announced:
    """A new screen with its code and secret. Raises TooMany for an address, Overloaded."""
    throttles.hit(PER_ADDRESS, acting().address)
    secret = secrets.token_urlsafe(32)
    with on_platform():
        for _ in range(5):
            code = "".join(secrets.choice(ALPHABET) for _ in range(CODE))
            row = Display(secret_digest=_digest(secret), code=code, created_at=now, expires_at=now + CODE_LIFE)
            Display.objects.bulk_create([row], ignore_conflicts=True)  # another screen may show this very code
            if Display.objects.filter(pk=row.pk).exists():
                return Announced(row, secret)
    raise Overloaded


def approve(
    *,
    code: str,
    name: str,
    clinic: Any,
    by: UUID,
    session_id: UUID,
    now: dt.datetime,
    practitioners: Sequence[UUID] = (),
    languages: Sequence[str] = (),
) -> Display:
    """The screen that shows this code belongs to the clinic from now on. Raises UnknownCode, TooMany."""
    throttles.hit(APPROVALS, str(session_id))
    wanted = code.strip().upper().replace("-", "").replace(" ", "")
    with on_platform(), transaction.atomic():
        rows = Display.objects.select_for_update().filter(approved_at=None, revoked_at=None, expires_at__gt=now)
        display = rows.filter(code=wanted).first() if wanted else None
        if display is None:
            raise UnknownCode
        display.clinic_id, display.name, display.code, display.expires_at = clinic.id, name, "", None
        display.practitioners = [str(i) for i in practitioners]
        display.languages = list(languages)
        display.approved_by_id, display.approved_at = by, now
        display.save()
    return display


def revoke(*, display: Display, by: UUID | None, now: dt.datetime) -> None:
    """It may read nothing more; open sockets close within two seconds. Revoking twice does nothing."""
    with on_platform(), transaction.atomic():
        row = Display.objects.select_for_update().get(pk=display.pk)
        if row.revoked_at is None:
            row.revoked_at = now
            row.save()
            publish(DisplayRevoked(display_id=row.id))


def proven(*, display_id: UUID, secret: str, now: dt.datetime) -> Display:
    """The screen with this id and secret. Raises NotADisplay, the same for unknown, revoked and wrong."""
    with on_platform():
        row = Display.objects.select_related("clinic").filter(pk=display_id, revoked_at=None).first()
        digest = _digest(secret)
        if row is None or not hmac.compare_digest(bytes(row.secret_digest), digest):
            raise NotADisplay
        if row.last_seen_at is None or now - row.last_seen_at > SEEN:
            Display.objects.filter(pk=row.pk).update(last_seen_at=now)
    return row


def prune(*, now: dt.datetime) -> int:
    """Screens that nobody approved while their code was shown; they ask for a new one by themselves."""
    with on_platform():
        return Display.objects.filter(approved_at=None, expires_at__lt=now - CODE_LIFE).delete()[0]


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode(errors="replace")).digest()
