"""Who is this person here? A member: a person in a clinic (or on the platform) with the roles they hold there.

`member_in` makes one with what the policy of that clinic, and of no other, opens to roles held there; it costs no query.
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from accounts.roles import STAFF_ROLES, Opened, Reach, Role, reach
from clinics.settings_of import settings_of


@dataclass(frozen=True, slots=True)
class Member:
    user_id: UUID
    clinic_id: UUID | None
    roles: frozenset[Role]
    opened: Opened = frozenset()  # by the clinic's policy

    def reach(self, permission: str) -> Reach | None:
        return reach(permission, self.roles, self.opened)

    def may(self, permission: str) -> bool:
        return self.reach(permission) is not None

    @property
    def is_staff(self) -> bool:
        return not self.roles.isdisjoint(STAFF_ROLES)


def member_in(clinic: Any, user_id: UUID, roles: frozenset[Role]) -> Member:
    """Somebody with these roles in this clinic, under its policy."""
    return Member(user_id, clinic.id, roles, settings_of(clinic).access.opened)
