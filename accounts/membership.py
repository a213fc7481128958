"""Who is this person here? A member: a person in a clinic (or on the platform) with the roles they hold there."""

from dataclasses import dataclass
from uuid import UUID

from accounts.roles import STAFF_ROLES, Reach, Role, reach


@dataclass(frozen=True, slots=True)
class Member:
    user_id: UUID
    clinic_id: UUID | None
    roles: frozenset[Role]

    def reach(self, permission: str) -> Reach | None:
        return reach(permission, self.roles)

    def may(self, permission: str) -> bool:
        return self.reach(permission) is not None

    @property
    def is_staff(self) -> bool:
        return not self.roles.isdisjoint(STAFF_ROLES)
