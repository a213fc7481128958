"""What is said of an operation? Permission, place, ids, an accepted body; the rows are in `operations.py`."""

from enum import StrEnum
from typing import Any, NamedTuple


class Place(StrEnum):
    """What says in which clinic the call is."""

    HEADER = "header"  # X-Clinic-ID or the host; refused without
    PATH = "path"  # {clinic_id}; members only
    DIRECTORY = "directory"  # {clinic_id}; the clinic as such, which everybody may know of
    PLATFORM = "platform"  # no clinic; one that is named must be there
    EITHER = "either"  # X-Clinic-ID; without one, the platform, for who has a role there
    SCREEN = "screen"  # a display's own secret; a clinic that is named must be there
    NOWHERE = "nowhere"  # not even read


class Op(NamedTuple):
    need: str
    place: Place
    ids: dict[str, str] = {}  # path and query parameter -> kind of id
    body: dict[str, Any] = {}
    shows: frozenset[str] = frozenset()  # families of canaries that people who are nobody in the clinic may see
    why: str = ""  # where a row is not as one would guess
    query: dict[str, str] = {}  # what must be asked for; `=fact` as in a body
