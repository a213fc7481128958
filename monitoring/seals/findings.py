"""What can be wrong with a trail, and where? Each finding names its place: entries by number, a seal by number."""

from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple


class Kind(StrEnum):
    EDITED = "edited"
    DELETED = "deleted"
    INSERTED = "inserted"
    SWAPPED = "swapped"
    TRUNCATED = "truncated"
    ROLLED_BACK = "rolled back"
    SEAL_EDITED = "seal edited"
    SEAL_DELETED = "seal deleted"
    FORGED = "seal forged"
    BROKEN = "chain broken"
    ANCHORS_DIFFER = "anchors differ"


class Finding(NamedTuple):
    kind: Kind
    entries: str = ""  # numbers: "17", "20–34, 40"
    seal: int | None = None
    detail: str = ""

    def line(self) -> str:
        place = [f"entries {self.entries}"] if self.entries else []
        place += [f"seal {self.seal}"] if self.seal is not None else []
        return f"{self.kind}: {', '.join(place)}{f' – {self.detail}' if self.detail else ''}"


def spans(numbers: Iterable[int], most: int = 20) -> str:
    """`3, 7–9`: at most so many pieces, then how many numbers more."""
    pieces: list[list[int]] = []
    for number in sorted(numbers):
        if pieces and number <= pieces[-1][1] + 1:
            pieces[-1][1] = number
        else:
            pieces.append([number, number])
    told = ", ".join(str(a) if a == b else f"{a}–{b}" for a, b in pieces[:most])
    left = sum(b - a + 1 for a, b in pieces[most:])
    return f"{told} and {left} more" if left else told
