"""Who calls? One person of every role in a clinic, with all the tokens that a caller may come with."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from accounts import tokens
from accounts.models import Session, User
from accounts.roles import PLATFORM_ROLES, Role
from accounts.services import people
from accounts.services.sessions import Device, end_session, open_session
from healthcare.core.tenancy import on_platform
from healthcare.probe.canaries import Canaries, Canary

DEVICE = Device("isolation probe", "127.0.0.1")
# what a caller may show; `other` is the same role's person of the other clinic, `none` nothing at all
TOKENS = ("own", "other", "none", "expired", "revoked", "refresh", "garbage")
BAD = frozenset({"none", "expired", "revoked", "refresh", "garbage"})


@dataclass
class Person:
    role: Role
    user: User
    session: Session
    ended: Session

    @property
    def id(self) -> UUID:
        return self.user.id

    def bearer(self, kind: str) -> str:
        """The value of the Authorization header for this kind of token; empty for none."""
        made: dict[str, Callable[[], str]] = {
            "own": lambda: tokens.access_token(self.session),
            "expired": lambda: tokens.access_token(self.session, at=time.time() - 2 * tokens.ACCESS_SECONDS),
            "revoked": lambda: tokens.access_token(self.ended),
            "refresh": lambda: tokens.refresh_token(self.session),
            "garbage": lambda: "e30.e30.e30",
        }
        return f"Bearer {made[kind]()}" if kind in made else ""


def everybody(house: str, clinic: Any, canaries: Canaries) -> dict[Role, Person]:
    return {role: _person(house, clinic, role, canaries) for role in Role}


def _person(house: str, clinic: Any, role: Role, canaries: Canaries) -> Person:
    word = canaries.word(house, "people", role)
    named: dict[str, Any] = {"first_name": word, "last_name": "", "email": f"{word.lower()}@probe.invalid"}
    user = people.register(clinic=clinic if role == Role.PATIENT else None, **named)
    if role != Role.PATIENT:
        people.grant(user=user, role=role, clinic=None if role in PLATFORM_ROLES else clinic)
    canaries.add(user.id, Canary(house, "people", role))
    with on_platform():
        ended = open_session(user=user, device=DEVICE).session
        end_session(session_id=ended.id, why="probe")
        session = open_session(user=user, device=DEVICE).session
        # a full run may be long: neither idle, nor asked for a step-up, nor ended as the oldest of more than five
        end = session.expires_at
        Session.objects.filter(pk=session.pk).update(idle_until=end, proven_at=end, last_used_at=end)
        return Person(role, user, session, ended)
