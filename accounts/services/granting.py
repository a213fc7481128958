"""How does a person get a role, for how long, and how does it end? By somebody whose own role may give it."""

import datetime as dt
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Least

from accounts import signed_in
from accounts.domains.registry import domain_named
from accounts.events import GrantChanged, GrantEnded, RoleGranted
from accounts.membership import Member
from accounts.models import Membership, Session, User
from accounts.roles import MAY_GRANT, PLATFORM_ROLES, STAFF_ROLES, Role
from accounts.services import people
from accounts.services.sessions import LIVES
from healthcare.core.errors import Forbidden, Refused, refusing
from healthcare.core.events import publish
from healthcare.core.tenancy import on_platform


class RoleNotYoursToGive(Forbidden):
    code = "role_not_yours_to_give"
    detail = "Your own role does not let you give or end this one."


class RoleNotHere(Refused):
    code = "role_not_here"
    detail = "There is no such role in this kind of clinic, or it is held on the platform only."


class RoleHeld(Refused):
    code = "role_held"
    detail = "The person holds this role here already."


class ExpiryPassed(Refused):
    code = "expiry_passed"
    detail = "A grant ends in the future."


class LastAdmin(Refused):
    code = "last_admin"
    detail = "Nobody else could grant roles here: appoint another administrator first."


class PersonDisabled(Refused):
    code = "person_disabled"
    detail = "This person's account is disabled."


class NotOneself(Refused):
    code = "not_oneself"
    detail = "Nobody disables themself: end your sessions, or ask another administrator."


def may_give(by: Member, role: Role) -> bool:
    """Whether one of the member's roles may give this one: a readable table, `roles.MAY_GRANT`."""
    return any(role in MAY_GRANT.get(own, frozenset()) for own in by.roles)


def grant(
    *, user: User, role: Role, clinic: Any, by: Member, now: dt.datetime, expires_at: dt.datetime | None = None
) -> Membership:
    """Give a role in a clinic (None: on the platform). Raises RoleNotYoursToGive, RoleNotHere, ExpiryPassed,
    PersonDisabled, RoleHeld."""
    may_be_given(role=role, clinic=clinic, by=by, now=now, expires_at=expires_at)
    if not user.is_active:
        raise PersonDisabled
    return give(user=user, role=role, clinic=clinic, by=by.user_id, now=now, expires_at=expires_at)


def may_be_given(*, role: Role, clinic: Any, by: Member, now: dt.datetime, expires_at: dt.datetime | None) -> None:
    """Whether this member may give it here. Raises as `grant` does."""
    if not may_give(by, role):
        raise RoleNotYoursToGive
    belongs(role, clinic)
    if expires_at is not None and expires_at <= now:
        raise ExpiryPassed


def give(
    *, user: User, role: Role, clinic: Any, by: UUID | None, now: dt.datetime, expires_at: dt.datetime | None
) -> Membership:
    """Write the grant; who may give it was asked before. A grant that ran out is ended first. Raises RoleHeld."""
    where = clinic and clinic.id
    with on_platform(), transaction.atomic():
        for past in Membership.objects.filter(user=user, clinic=where, role=role, ended_at=None, expires_at__lte=now):
            past.ended_at = past.expires_at
            past.save(update_fields=["ended_at"])
        row = Membership(user=user, clinic_id=where, role=role, granted_by_id=by, granted_at=now, expires_at=expires_at)
        with refusing("membership_once", RoleHeld):
            row.save(force_insert=True)
        if role in STAFF_ROLES:
            _shorten_sessions(user, now)
        publish(RoleGranted(membership_id=row.id, user_id=user.pk, clinic_id=where, role=Role(role).value))
    signed_in.forget()
    return row


def change_expiry(*, grant: Membership, by: Member, now: dt.datetime, expires_at: dt.datetime | None) -> Membership:
    """Let a grant run longer or shorter. Raises RoleNotYoursToGive, ExpiryPassed, LastAdmin."""
    role = Role(grant.role)
    may_be_given(role=role, clinic=grant.clinic, by=by, now=now, expires_at=expires_at)
    with on_platform(), transaction.atomic():
        if expires_at is not None:
            _somebody_else_remains(grant)
        grant.expires_at = expires_at
        grant.save(update_fields=["expires_at"])
        publish(GrantChanged(membership_id=grant.id, user_id=grant.user_id, clinic_id=grant.clinic_id))
    signed_in.forget()
    return grant


def end(*, grant: Membership, by: Member, now: dt.datetime) -> Membership:
    """End a grant; felt by requests and sockets within two seconds. Raises RoleNotYoursToGive, LastAdmin."""
    if not may_give(by, Role(grant.role)):
        raise RoleNotYoursToGive
    with on_platform(), transaction.atomic():
        _somebody_else_remains(grant)
        grant.ended_at = now
        grant.save(update_fields=["ended_at"])
        publish(GrantEnded(membership_id=grant.id, user_id=grant.user_id, clinic_id=grant.clinic_id))
    signed_in.forget()
    return grant


def disable(*, user: User, by: Member) -> User:
    """Nobody signs in as this person any more. Raises NotOneself, RoleNotYoursToGive for one above the own role."""
    if user.pk == by.user_id:
        raise NotOneself
    _is_not_above(user, by)
    people.deactivate(user=user, by=by.user_id)
    return user


def enable(*, user: User, by: Member) -> User:
    _is_not_above(user, by)
    people.reactivate(user=user, by=by.user_id)
    return user


def roles_of(user_id: UUID, clinic: Any) -> frozenset[Role]:
    """What a person holds in a clinic and on the platform at present; nothing once their account is disabled."""
    with on_platform():
        rows = Membership.objects.current().filter(user_id=user_id, user__is_active=True)
        held = list(rows.values_list("clinic_id", "role"))
    return frozenset(Role(role) for where, role in held if where is None or (clinic is not None and where == clinic.id))


def belongs(role: Role, clinic: Any) -> None:
    """Whether there is such a role here. Raises RoleNotHere."""
    if clinic is None:
        is_here = role in PLATFORM_ROLES
    else:
        is_here = role not in PLATFORM_ROLES and role in domain_named(clinic.domain).roles
    if not is_here:
        raise RoleNotHere


def _is_not_above(user: User, by: Member) -> None:
    """The administrators of the platform disable whom they could appoint; a super_admin anybody."""
    with on_platform():
        held = {Role(role) for role in Membership.objects.current().filter(user=user).values_list("role", flat=True)}
    if any(not _reaches(by, role) for role in held):
        raise RoleNotYoursToGive


def _reaches(by: Member, role: Role) -> bool:
    return Role.SUPER_ADMIN in by.roles or role not in (Role.SUPER_ADMIN, Role.SYSTEM_ADMIN)


def _somebody_else_remains(grant: Membership) -> None:
    """Of those who may grant roles in this place, another one is there for good. All are locked, in one order, so that two
    administrators who end each other at once don't both succeed. Raises LastAdmin."""
    role = Role(grant.role)
    if role not in (Role.CLINIC_ADMIN, Role.SUPER_ADMIN):
        return
    rows = Membership.objects.current().filter(clinic=grant.clinic_id, role=role).order_by("id")
    held = list(rows.select_for_update(of=("self",)).values_list("id", "expires_at", "user__is_active"))
    if not any(is_active and expires_at is None for row, expires_at, is_active in held if row != grant.id):
        raise LastAdmin


def _shorten_sessions(user: User, now: dt.datetime) -> None:
    """Who becomes staff is signed in as staff is, also where they are signed in already."""
    idle, absolute = LIVES[True]
    rows = Session.objects.filter(user=user, ended_at=None)
    rows.update(idle_until=Least(F("idle_until"), now + idle), expires_at=Least(F("expires_at"), now + absolute))
