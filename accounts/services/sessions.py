"""How does a sign-in begin, go on and end?"""

import hashlib
import secrets
from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Least
from django.utils import timezone

from accounts import signed_in, tokens
from accounts.events import SessionEnded
from accounts.models import Membership, Session, User
from accounts.roles import STAFF_ROLES
from accounts.services.second_step import asked_of
from accounts.tokens import NotSignedIn
from healthcare.core.errors import NotFound
from healthcare.core.events import publish
from healthcare.core.tenancy import on_platform

MAX_SESSIONS = 5
REFRESH_LIFE = timedelta(days=7)
RETRY_GRACE = timedelta(seconds=10)
# staff: (idle, absolute); patients likewise
LIVES = {True: (timedelta(minutes=30), timedelta(hours=12)), False: (timedelta(days=7), timedelta(days=90))}


class Device(NamedTuple):
    """What is known of the caller's device: a name for people, an address, a mark that an honest retry repeats."""

    name: str
    address: str | None

    @property
    def mark(self) -> bytes:
        return hashlib.sha256(f"{self.name}\x1f{self.address}".encode()).digest()


class Tokens(NamedTuple):
    access: str
    refresh: str
    session: Session


def open_session(*, user: User, device: Device, second_step: bool = False, in_admin: bool = False) -> Tokens:
    """Sign a person in on a device; of more than five sessions the oldest ends.

    `second_step`: it was given. Who is asked for one and has none gets a session that can do nothing but set it up.
    """
    now = timezone.now()
    idle, absolute = LIVES[is_staff(user.id)]
    with on_platform(), transaction.atomic():
        User.objects.select_for_update().only("id").get(pk=user.id)  # so that two sign-ins count each other
        _make_room(user)
        session = Session(
            user=user,
            salt=secrets.token_bytes(32),
            device=device.name,
            device_mark=device.mark,
            address=device.address,
            last_address=device.address,
            proven_at=now,
            second_step=second_step,
            limited=not second_step and asked_of(user.id, now=now),
            in_admin=in_admin,
            idle_until=now + idle,
            expires_at=now + absolute,
        )
        session.save(force_insert=True)
        User.objects.filter(pk=user.id).update(last_login=now)
    return tokens_of(session)


def refresh(*, token: str, device: Device) -> Tokens:
    """The successor of a refresh token. One use wins; a retry of the same device within 10 s gets the same successor;
    any other second use ends the session, as one of the two holders is a thief. Raises NotSignedIn."""
    given = tokens.read_refresh(token)
    with on_platform():
        session = Session.objects.filter(pk=given.session_id).first()
        if session is None or not tokens.proves(given, session) or session.in_admin or not _alive(session):
            raise NotSignedIn
        if _won(session, given.generation, device.address):
            session.refresh_from_db()
            return tokens_of(session)
        session.refresh_from_db()
        if _honest_retry(session, given.generation, device):
            return tokens_of(session)
        end_session(session_id=session.id, why="refresh_reused")
    raise NotSignedIn


def end_session(*, session_id: UUID, why: str) -> None:
    """End one session; felt by requests and sockets within two seconds."""
    with on_platform(), transaction.atomic():
        session = Session.objects.select_for_update().filter(pk=session_id, ended_at=None).first()
        if session is None:
            return
        session.ended_at, session.ended_why = timezone.now(), why
        session.save(update_fields=["ended_at", "ended_why"])
        publish(SessionEnded(user_id=session.user_id, session_id=session.id))
    signed_in.forget(session_id)


def end_own_session(*, user_id: UUID, session_id: UUID) -> None:
    """End one of the person's sessions from another. Raises NotFound for one that is not theirs or has ended."""
    with on_platform():
        if not Session.objects.filter(pk=session_id, user_id=user_id, ended_at=None).exists():
            raise NotFound
    end_session(session_id=session_id, why="ended_by_owner")


def end_all_sessions(*, user_id: UUID, why: str, but: UUID | None = None) -> None:
    """All but one. In one transaction, so that a change that ends them (a new password) and their end are one."""
    with on_platform(), transaction.atomic():
        for session_id in Session.objects.filter(user_id=user_id, ended_at=None).exclude(pk=but).values_list("id", flat=True):
            end_session(session_id=session_id, why=why)


def is_staff(user_id: UUID) -> bool:
    roles = [r.value for r in STAFF_ROLES]
    return Membership.objects.current().filter(user_id=user_id, role__in=roles).exists()


def _make_room(user: User) -> None:
    open_ones = Session.objects.filter(user=user, ended_at=None).order_by("-last_used_at", "-id")
    for session in open_ones[MAX_SESSIONS - 1 :]:
        end_session(session_id=session.id, why="too_many")


def _won(session: Session, generation: int, address: str | None) -> bool:
    """Exactly one caller moves a generation on."""
    now = timezone.now()
    idle, absolute = LIVES[is_staff(session.user_id)]
    ends = Least(F("expires_at"), F("created_at") + absolute)  # who became staff since has staff's limits
    return bool(
        Session.objects.filter(pk=session.pk, generation=generation, ended_at=None).update(
            generation=F("generation") + 1,
            rotated_at=now,
            last_used_at=now,
            idle_until=now + idle,
            expires_at=ends,
            last_address=address,
        )
    )


def _honest_retry(session: Session, generation: int, device: Device) -> bool:
    fresh = timezone.now() - session.rotated_at <= RETRY_GRACE
    return fresh and session.generation == generation + 1 and bytes(session.device_mark) == device.mark


def _alive(session: Session) -> bool:
    now = timezone.now()
    recent = now - session.rotated_at <= REFRESH_LIFE
    return session.ended_at is None and recent and now < session.idle_until and now < session.expires_at


def tokens_of(session: Session) -> Tokens:
    return Tokens(tokens.access_token(session), tokens.refresh_token(session), session)
