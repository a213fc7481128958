"""By what is a leak known? Words and ids that exist in one clinic only: seen in an answer about another, they tell."""

import re
import secrets
from collections.abc import Iterable, Iterator
from typing import NamedTuple

MARK = "kq"
WORD = re.compile(rf"{MARK}[0-9a-f]{{12}}", re.IGNORECASE)
ID = re.compile(r"[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}", re.IGNORECASE)
MRN = re.compile(r"\b[2-9A-Z]{4}-[2-9A-Z]{4}\b")


class Canary(NamedTuple):
    """`family` says what it is part of (chart, reason, card, people, screen, row), `whose` the person it speaks of."""

    clinic: str  # the probe's name for it: a, b
    family: str
    whose: str = ""


class Canaries:
    """All that were set out, by what is seen of them in a text."""

    def __init__(self) -> None:
        self._known: dict[str, Canary] = {}

    def word(self, clinic: str, family: str, whose: str = "") -> str:
        """A new word, fit for a name."""
        made = MARK.capitalize() + secrets.token_hex(6)
        self._known[made.lower()] = Canary(clinic, family, whose)
        return made

    def add(self, text: object, canary: Canary) -> None:
        self._known.setdefault(_plain(str(text)), canary)

    def in_text(self, text: str, but: Iterable[str] = ()) -> Iterator[tuple[str, Canary]]:
        """Each canary in the text; `but` are strings that the caller said itself."""
        said = {_plain(word) for word in but}
        for pattern in (WORD, ID, MRN):
            for seen in {_plain(match) for match in pattern.findall(text)}:
                if seen in self._known and seen not in said:
                    yield seen, self._known[seen]


def _plain(text: str) -> str:
    return text.lower().replace("-", "") if ID.fullmatch(text) else text.lower()
