"""Why may a person do this here, or why not? Every grant, every reason, each with a code; the verdict is the product's own.

    explains("patient", reasons_of_patient)     # (object_id, member, permission) -> Verdict; apps above register theirs

A resolver answers by the same queryset that answers requests, so what is explained is what happens.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.utils import timezone

from accounts.membership import Member, member_in
from accounts.models import Membership, User
from accounts.roles import TABLE, Reach, Role, opening_roles, reach
from clinics.settings_of import settings_of
from healthcare.core.context import acting_as
from healthcare.core.tenancy import in_clinic, on_platform


@dataclass(frozen=True)
class Why:
    """One reason. `effect`: allows, refuses, or notes (what would matter otherwise). `known`: ids, codes, instants."""

    code: str
    effect: str
    detail: str
    known: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Verdict:
    allowed: bool
    reasons: list[Why]


Resolver = Callable[[UUID, Member, str], Verdict]
_resolvers: dict[str, Resolver] = {}


def explains(kind: str, resolver: Resolver) -> None:
    _resolvers[kind] = resolver


def kinds() -> list[str]:
    return sorted(_resolvers)


def explain(*, user_id: UUID, clinic: Any, action: str, kind: str = "", object_id: UUID | None = None) -> Verdict:
    """Whether the person may, by all they hold in this clinic and on the platform. Somebody unknown holds nothing.

    Raises KeyError for a permission or a kind of object that there is not.
    """
    with on_platform():
        is_active = User.objects.filter(pk=user_id).values_list("is_active", flat=True).first()
        rows = [row for row in Membership.objects.filter(user=user_id).order_by("id") if row.clinic_id in (clinic.id, None)]
    reasons = [_of_grant(row, action) for row in rows]
    if is_active is False:
        return Verdict(False, [Why("account_disabled", "refuses", "The account is disabled."), *reasons])
    roles = frozenset(Role(row.role) for row in rows if _is_current(row))
    if not roles:
        return Verdict(False, [Why("not_a_member", "refuses", "The person holds no role in this clinic."), *reasons])
    member = member_in(clinic, user_id, roles)
    far = member.reach(action)
    if far is None:
        return Verdict(False, [Why("no_role_allows", "refuses", f"None of the roles held has {action}."), *reasons])
    reasons += _of_policy(member, clinic, action)
    if object_id is None:
        return Verdict(True, [*reasons, *_of_reach(far)])
    with in_clinic(clinic), acting_as():  # what is looked up here is no look of the person asked about
        found = _resolvers[kind](object_id, member, action)
    return Verdict(found.allowed, [*found.reasons, *reasons])


def _of_policy(member: Member, clinic: Any, action: str) -> Iterator[Why]:
    for role in opening_roles(action, member.roles, member.opened):
        known = {"role": role.value, "reach": Reach.ALL.value, "settings_version": settings_of(clinic).version}
        yield Why("clinic_policy", "allows", f"The clinic's policy opens {action} to the role {role} for all.", known)


def _of_reach(far: Reach) -> Iterator[Why]:
    if far == Reach.OWN:
        yield Why("own_only", "notes", "For what is the person's own; name an object to learn whether it is.")


def _is_current(row: Membership) -> bool:
    return row.ended_at is None and (row.expires_at is None or row.expires_at > timezone.now())


def _of_grant(row: Membership, action: str) -> Why:
    role = Role(row.role)
    far = reach(action, frozenset({role}))
    known = {
        "role": role.value,
        "reach": far.value if far else None,
        "grant": row.pk,
        "granted_by": row.granted_by_id,
        "granted_at": row.granted_at,
        "until": row.ended_at or row.expires_at,
    }
    if not _is_current(row):
        ended = row.ended_at is not None
        detail = f"The role {role.value} {'was ended' if ended else 'ran out'}."
        return Why("grant_ended" if ended else "grant_expired", "notes", detail, known)
    if far is None:
        return Why("role_lacks", "notes", f"The role {role.value} does not have {action}.", known)
    return Why("role_allows", "allows", f"The role {role.value} has {action} for {far.value}.", known)


def permissions() -> Iterable[str]:
    return TABLE
