"""What does a row of each kind become? A registry: this app knows charts, apps above add what is theirs.

    @importer("Appointment")
    def appointment(row: Row, known: Known) -> Make: ...

A reader looks at the row and refers to nothing that is not there (`known.find`); it raises Fault, or answers how to make the
thing. A dry run reads only.
"""

from collections.abc import Callable
from typing import Any, NamedTuple, Protocol
from uuid import UUID

from patients.importing.source import Row

Make = Callable[[], UUID]


class Fault(Exception):
    """Why a row is not taken: the field and a code, never its value."""

    def __init__(self, field: str, code: str) -> None:
        self.field, self.code = field, code
        super().__init__(code)


class Known(Protocol):
    """What a reader may ask. `by` is who imports."""

    by: Any
    form: str

    def find(self, what: str, reference: Any, field: str) -> UUID:
        """The id here of what the row refers to. Raises Fault `unknown_reference`. In a dry run: of what would be made."""
        ...

    def leads_to(self, reference: str) -> str:
        """The kind of row of this source that a reference leads to, or nothing."""
        ...


Reader = Callable[[Row, Known], Make]


class Kind(NamedTuple):
    what: str
    read: Reader


KINDS: dict[str, Kind] = {}


def importer(what: str) -> Callable[[Reader], Reader]:
    def register(read: Reader) -> Reader:
        KINDS[what] = Kind(what, read)
        return read

    return register
