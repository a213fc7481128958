"""What is looked for? Words and days that occur nowhere else, in every spelling in which they could leave."""

import base64
import datetime as dt
import re
import secrets
from collections.abc import Callable, Iterator

MARK = b"kanariexq"  # every word begins with it; nothing else has it
FIRST_DAY = dt.date(1797, 1, 1)  # of days that nobody else speaks of


class Canaries:
    """Words that occur nowhere else, by what they were put into."""

    def __init__(self) -> None:
        self.words: dict[str, str] = {}
        self.values: dict[bytes, str] = {}  # what has no mark of ours, in each spelling
        self.written: set[str] = set()  # labels of columns that were written with one

    def word(self, where: str) -> str:
        return self.words.setdefault(where, MARK.decode() + secrets.token_hex(6))

    def value(self, where: str, value: bytes) -> None:
        """Something that is as good as a word, but not ours to make: looked for as it is, in every spelling."""
        for spelling in _spellings(value):
            self.values[spelling] = where

    def day(self, where: str) -> dt.date:
        found = FIRST_DAY + dt.timedelta(days=len(self.values))
        self.value(where, found.isoformat().encode())
        return found

    def found_in(self, piece: bytes) -> Iterator[str]:
        """What was put where a word stands in the piece, whichever way it is written."""
        for needle, read in NEEDLES:
            at = piece.find(needle)
            while at >= 0:
                text = read(piece[at : at + 200])
                yield next((where for where, word in self.words.items() if word.lower() in text), "a word of ours")
                at = piece.find(needle, at + 1)
        yield from (where for spelling, where in self.values.items() if spelling in piece)


def _plain(piece: bytes) -> str:
    return piece.decode("latin-1").lower()


def _hex(piece: bytes) -> str:
    return _plain(bytes.fromhex((HEXADECIMAL.match(piece) or [b""])[0].decode()))


def _wide(piece: bytes) -> str:
    return _plain(piece[::2])


def _coded(piece: bytes) -> str:
    return ""  # begins in the middle of a letter: the find is enough


def _middle(shift: int, said: bytes = MARK) -> bytes:
    """What it looks like in base64 when so many bytes of something else precede it."""
    coded = base64.b64encode(b"x" * shift + said)
    return coded[-(-8 * shift // 6) : 8 * (shift + len(said)) // 6]


def _spellings(value: bytes) -> set[bytes]:
    wide = value.decode("latin-1").encode("utf-16-le")
    return {value, value.lower(), value.hex().encode(), wide, *(_middle(shift, value) for shift in range(3))}


HEXADECIMAL = re.compile(rb"(?:[0-9a-f]{2})*")
NEEDLES: tuple[tuple[bytes, Callable[[bytes], str]], ...] = (
    (MARK, _plain),
    (MARK.capitalize(), _plain),
    (MARK.hex().encode(), _hex),
    (MARK.decode().encode("utf-16-le"), _wide),
    *((_middle(shift), _coded) for shift in range(3)),
)
