"""What can be listened to? A room: a log with a gap-free `seq`, in a clinic, of some kind."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple, Protocol
from uuid import UUID


class RoomName(NamedTuple):
    """The clinic is part of the name, so that an id of another clinic names another (empty) room."""

    kind: str
    clinic_id: UUID
    id: UUID

    def __str__(self) -> str:
        return f"{self.kind}:{self.clinic_id}:{self.id}"


class Entry(NamedTuple):
    """One entry of a log, or the whole state at `seq`; `body` is JSON-ready and holds no health data."""

    seq: int
    body: Mapping[str, Any]


class NoRoom(LookupError):
    """There is no such room in this clinic."""


class RoomLog(Protocol):
    """How a kind of room is read. All three are called inside the clinic, in a thread."""

    kind: str

    def seqs(self, ids: Iterable[UUID]) -> dict[UUID, int]:
        """The last seq of each of these rooms; rooms that are not there are left out."""
        ...

    def since(self, room: UUID, seq: int, limit: int) -> list[Entry]:
        """Up to `limit` entries after `seq`, in order and without gaps."""
        ...

    def snapshot(self, room: UUID) -> Entry:
        """The state and the seq it was true at, of one moment. Raises NoRoom."""
        ...


class Pass(NamedTuple):
    """Why a socket may listen: a person's session, or a device, in one clinic. `grants` is what it held when let in."""

    kind: str
    id: UUID
    clinic_id: UUID
    grants: tuple[str, ...] = ()


class Gate(Protocol):
    """Who may listen; called outside any clinic, in a thread."""

    def redeem(self, ticket: str) -> Pass | None:
        """Use a one-time ticket up. None when it is unknown, used or old."""
        ...

    def still_good(self, passes: Iterable[Pass]) -> set[Pass]:
        """Those of the passes that hold as they did when they were given."""
        ...
