"""How does a socket sign in? By a one-time ticket, 30 s, for one person or screen in one clinic. Only its digest is kept.

This module is a gate of `healthcare.core.realtime`: `redeem` lets in, `still_good` finds who must go.
"""

import datetime as dt
import hashlib
import secrets
from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import Display, Membership, Session, SocketTicket
from accounts.roles import PLATFORM_ROLES
from accounts.services import displays
from healthcare.core import throttles
from healthcare.core.realtime.rooms import Pass
from healthcare.core.tenancy import on_platform
from healthcare.core.throttles import Limit

LIFE = dt.timedelta(seconds=30)
KIND = "session"
PER_SESSION = Limit("ticket", 60, 60)
PER_DISPLAY = Limit("ticket_display", 120, 60)  # a screen asks for one a queue each time it comes back
# the row is gone with the first use, whoever else tries at the same moment
REDEEM = """
DELETE FROM accounts_socketticket WHERE digest = %s
RETURNING session_id, display_id, clinic_id, expires_at > %s
"""


class Ticket(NamedTuple):
    text: str
    expires_in: int  # seconds


def issue(*, user_id: UUID, session_id: UUID, clinic_id: UUID, now: dt.datetime) -> Ticket:
    """A ticket for a signed-in person in a clinic. Raises TooMany."""
    throttles.hit(PER_SESSION, str(session_id))
    return _issued(SocketTicket(user_id=user_id, session_id=session_id, clinic_id=clinic_id), now)


def issue_to_display(*, display: Display, now: dt.datetime) -> Ticket:
    """A ticket for an approved screen. Raises TooMany, NotApproved."""
    throttles.hit(PER_DISPLAY, str(display.id))
    if display.clinic_id is None:
        raise displays.NotApproved
    return _issued(SocketTicket(display_id=display.id, clinic_id=display.clinic_id), now)


def redeem(ticket: str) -> Pass | None:
    """What the ticket stands for; it is used up, whatever the answer. None for anything that is no ticket (any more)."""
    with on_platform(), transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(REDEEM, [_digest(ticket), timezone.now()])
            row = cursor.fetchone()
        if row is None or not row[3]:
            return None
        session_id, display_id, clinic_id, _ = row
        wanted = Pass(KIND, session_id, clinic_id) if session_id else Pass(displays.KIND, display_id, clinic_id)
        return _as_of_now({wanted}).get(wanted[:3])


def still_good(passes: Iterable[Pass]) -> set[Pass]:
    """Those that would be given again just so: session alive, person active, roles unchanged, screen not revoked."""
    passes = set(passes)
    with on_platform():
        now = _as_of_now(passes)
    return {p for p in passes if now.get(p[:3]) == p}


def prune(*, now: dt.datetime) -> int:
    with on_platform():
        return SocketTicket.objects.filter(expires_at__lt=now).delete()[0]


def _issued(ticket: SocketTicket, now: dt.datetime) -> Ticket:
    text = secrets.token_urlsafe(32)
    ticket.digest, ticket.expires_at = _digest(text), now + LIFE
    with on_platform():
        ticket.save(force_insert=True)
    return Ticket(text, int(LIFE.total_seconds()))


def _as_of_now(passes: set[Pass]) -> dict[tuple[str, UUID, UUID], Pass]:
    """The passes that these sessions and screens would be given now, in at most three queries."""
    people = {p for p in passes if p.kind == KIND}
    return {p[:3]: p for p in (*_of_displays(passes - people), *_of_sessions(people))}


def _of_displays(passes: set[Pass]) -> list[Pass]:
    if not passes:
        return []
    approved = Display.objects.filter(approved_at__isnull=False, revoked_at=None)
    return [_of_display(display) for display in approved.filter(pk__in=[p.id for p in passes])]


def _of_display(display: Display) -> Pass:
    assert display.clinic_id is not None
    return Pass(displays.KIND, display.id, display.clinic_id, tuple(sorted(display.practitioners)))


def _of_sessions(passes: set[Pass]) -> list[Pass]:
    if not passes:
        return []
    now = timezone.now()
    alive = Session.objects.filter(ended_at=None, limited=False, idle_until__gt=now, expires_at__gt=now, user__is_active=True)
    users = dict(alive.filter(pk__in={p.id for p in passes}).values_list("id", "user_id"))
    roles = _roles(set(users.values()))
    found = []
    for kind, session_id, clinic_id, _ in passes:
        held = roles[users.get(session_id), clinic_id] | roles[users.get(session_id), None]
        if held:
            found.append(Pass(kind, session_id, clinic_id, tuple(sorted(held))))
    return found


def _roles(users: set[UUID]) -> dict[tuple[UUID | None, UUID | None], set[str]]:
    """By person and clinic; platform roles under no clinic, as they are held everywhere."""
    roles: dict[tuple[UUID | None, UUID | None], set[str]] = defaultdict(set)
    rows = Membership.objects.current().filter(user__in=users)
    counts = Q(clinic__isnull=False) | Q(role__in=[r.value for r in PLATFORM_ROLES])
    for user_id, clinic_id, role in rows.filter(counts).values_list("user_id", "clinic_id", "role"):
        roles[user_id, clinic_id].add(role)
    return roles


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode(errors="replace")).digest()
