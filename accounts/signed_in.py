"""Who is signed in with this session, and where do they belong? Asked on every request; kept one second in memory.

One second is what keeps "revoked is felt in two seconds" true for HTTP; the process that ends a session forgets it at once.
"""

import datetime as dt
import threading
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from cachetools import TTLCache
from django.db import connection
from django.utils import timezone

from accounts.membership import Member, member_in
from accounts.roles import PLATFORM_ROLES, Role
from healthcare.core.context import acting
from healthcare.core.tenancy import on_platform

TOUCH = timedelta(minutes=1)  # last use is written at most this often

# One statement: the session if it is alive, its person if active, and what they hold where.
QUERY = """
SELECT s.user_id, s.last_used_at, s.proven_at, s.limited, array_agg(m.clinic_id), array_agg(m.role)
FROM accounts_session s JOIN accounts_user u ON u.id = s.user_id AND u.is_active
LEFT JOIN accounts_membership m ON m.user_id = s.user_id AND m.ended_at IS NULL
     AND (m.expires_at IS NULL OR m.expires_at > now())
WHERE s.id = %s AND s.ended_at IS NULL AND s.idle_until > now() AND s.expires_at > now()
GROUP BY s.id
"""


@dataclass(frozen=True, slots=True)
class SignedIn:
    user_id: UUID
    session_id: UUID
    grants: tuple[tuple[UUID | None, Role], ...]
    proven_at: dt.datetime | None = None  # when the person last showed who they are
    limited: bool = False  # nobody anywhere until they set up the second step that is asked of them

    def member_of(self, clinic: Any) -> Member | None:
        """The person in this clinic, or None where they are nobody. Platform roles are held everywhere."""
        here = frozenset(role for where, role in self.grants if where == clinic.id)
        everywhere = frozenset(role for where, role in self.grants if where is None and role in PLATFORM_ROLES)
        roles = here | everywhere
        return member_in(clinic, self.user_id, roles) if roles else None

    @property
    def anywhere(self) -> Member:
        """The person on the platform: platform roles only."""
        return Member(self.user_id, None, frozenset(role for where, role in self.grants if where is None))

    @property
    def clinic_ids(self) -> list[UUID]:
        return sorted({where for where, _ in self.grants if where is not None})


_lock = threading.Lock()
_known: TTLCache[UUID, SignedIn] = TTLCache(maxsize=50_000, ttl=1)


def find(session_id: UUID, *, touch: bool = True) -> SignedIn | None:
    """Who it is, or None once the session has ended. `touch`: this is a use, which moves the idle limit on."""
    with _lock:
        if (found := _known.get(session_id)) is not None:
            return found
    if (found := _load(session_id, touch)) is not None:
        with _lock:
            _known[session_id] = found
    return found


def forget(session_id: UUID | None = None) -> None:
    with _lock:
        _known.clear() if session_id is None else _known.pop(session_id, None)


def _load(session_id: UUID, touch: bool) -> SignedIn | None:
    with on_platform(), connection.cursor() as cursor:
        cursor.execute(QUERY, [session_id])
        row = cursor.fetchone()
        if row is None:
            return None
        user_id, last_used_at, proven_at, limited, clinics, roles = row
        if touch and timezone.now() - last_used_at > TOUCH:
            _touch(session_id)
    held = () if limited else zip(clinics, roles, strict=True)
    grants = tuple((clinic, Role(role)) for clinic, role in held if role is not None)
    return SignedIn(user_id, session_id, grants, proven_at, limited)


def _touch(session_id: UUID) -> None:
    """Note the use and move the idle limit on, by the length it was given at sign-in or last refresh."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE accounts_session SET idle_until = now() + (idle_until - last_used_at), last_used_at = now(),"
            " last_address = coalesce(%s, last_address) WHERE id = %s",
            [acting().address or None, session_id],
        )
