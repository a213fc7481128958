"""Which fields of a row may this member know? The groups of `roles.FIELDS`, asked once for every field of every shape.

    class PatientOutput(FieldsByRole, serializers.ModelSerializer[Patient]):
        shape = "patient"

A row says by `is_own_of(member)` whether it is one of the member's own; rows that a queryset found as the member's own (reach
`own`) carry `is_own` and cost no question; of rows found with reach `all` the queryset marks those, where fields depend on it
(`depends_on_whose`: the clinic opened the rows, not each field). Where `to_representation` is written by hand, it asks
`hidden_fields` itself.
"""

from typing import Any, ClassVar, Protocol

from accounts.membership import Member
from accounts.roles import FIELDS, Reach


class Owned(Protocol):
    def is_own_of(self, member: Member) -> bool: ...


def hidden_fields(shape: str, member: Member | None, row: Owned) -> frozenset[str]:
    """The fields of the shape that this member may not know of this row. Nobody in particular knows none of them."""
    asked = FIELDS[shape]
    if member is None:
        return frozenset(asked)
    return frozenset(name for name, permission in asked.items() if not _may_know(member, permission, row))


def depends_on_whose(shape: str, member: Member) -> bool:
    """Whether some field is shown to the member on their own rows only: who may see all rows then needs them marked."""
    return any(member.reach(permission) == Reach.OWN for permission in FIELDS[shape].values())


def _may_know(member: Member, permission: str, row: Owned) -> bool:
    match member.reach(permission):
        case Reach.ALL:
            return True
        case Reach.OWN:
            return row.is_own_of(member)
    return False


class FieldsByRole:
    """Mixin for serializers of rows: hidden fields are left out, and not even read.

    Needs `member` in the context, as our view sets give it.
    """

    shape: ClassVar[str]
    _hidden: frozenset[str] = frozenset()

    def get_fields(self) -> dict[str, Any]:
        fields: dict[str, Any] = super().get_fields()  # type: ignore[misc]
        for name in FIELDS[self.shape]:
            fields[name].required = False  # so the schema says
        return fields

    @property
    def _readable_fields(self) -> Any:
        every = super()._readable_fields  # type: ignore[misc]
        return (field for field in every if field.field_name not in self._hidden)

    def to_representation(self, row: Any) -> Any:
        self._hidden = hidden_fields(self.shape, self.context["member"], row)  # type: ignore[attr-defined]
        return super().to_representation(row)  # type: ignore[misc]


class AdminFieldsByRole:
    """The same for pages of the admin: mixin for model admins whose `fields` hold some of the shape."""

    shape: ClassVar[str]

    def get_fields(self, request: Any, obj: Any = None) -> Any:
        every = super().get_fields(request, obj)  # type: ignore[misc]
        hidden = frozenset(FIELDS[self.shape]) if obj is None else hidden_fields(self.shape, request.member, obj)
        return [name for name in every if name not in hidden]
