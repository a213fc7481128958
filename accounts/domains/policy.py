"""What is asked of one person? The policy of their domain; of several, the stricter of each rule."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from accounts.domains.base import AuthDomain
from accounts.domains.registry import domain_named, domains
from accounts.models import Membership
from accounts.roles import PLATFORM_ROLES, STAFF_ROLES, Role
from healthcare.core.tenancy import on_platform

Held = tuple[str | None, Role]  # domain of the clinic (None: on the platform) and role


@dataclass(frozen=True, slots=True)
class Policy:
    """What holds for one person, all their domains together."""

    domains: tuple[str, ...]
    identifiers: tuple[str, ...]
    otp_channels: tuple[str, ...]
    password_min_length: int
    password_optional: bool
    mfa_required: bool
    mfa_methods: tuple[str, ...]


def policy_of(user_id: UUID) -> Policy:
    """One query. A person of no clinic is asked what the installation's usual domain asks."""
    with on_platform():
        rows = Membership.objects.current().filter(user_id=user_id).values_list("clinic__domain", "role")
        return strictest((name, Role(role)) for name, role in rows)


def strictest(held: Iterable[Held]) -> Policy:
    """The policy of somebody who holds these. Platform roles are held in every domain."""
    known = domains()
    roles: dict[str, set[Role]] = {}
    for name, role in held:
        for one in known if name is None else [domain_named(name).name]:
            roles.setdefault(one, set()).add(role)
    roles = roles or {next(iter(known)): set()}
    ordered = [name for name in known if name in roles]
    parts = [_in_one(known[name], roles[name]) for name in ordered]
    return Policy(
        domains=tuple(ordered),
        identifiers=_common([part.identifiers for part in parts]),
        otp_channels=_common([part.otp_channels for part in parts]),
        password_min_length=max(part.password_min_length for part in parts),
        password_optional=all(part.password_optional for part in parts),
        mfa_required=any(part.mfa_required for part in parts),
        mfa_methods=_common([part.mfa_methods for part in parts]),
    )


def _in_one(domain: AuthDomain, roles: set[Role]) -> Policy:
    is_staff = not roles.isdisjoint(STAFF_ROLES)
    needed = domain.mfa.required_for | (PLATFORM_ROLES if domain.mfa.required_for else frozenset())
    return Policy(
        domains=(domain.name,),
        identifiers=domain.identifiers,
        otp_channels=domain.otp_channels,
        password_min_length=domain.password.staff_min_length if is_staff else domain.password.min_length,
        password_optional=domain.password.is_optional and not is_staff,
        mfa_required=not roles.isdisjoint(needed),
        mfa_methods=domain.mfa.methods,
    )


def _common(lists: list[tuple[str, ...]]) -> tuple[str, ...]:
    """What all allow, in the first's order; where they share nothing all of it, as a policy must lock nobody out."""
    shared = tuple(one for one in lists[0] if all(one in other for other in lists[1:]))
    return shared or tuple(dict.fromkeys(one for part in lists for one in part))
