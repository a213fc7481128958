"""Which words is a name found by? In any script: folded, without accents, with and without what joins its parts. Pure."""

import re
import unicodedata
from collections.abc import Iterator

MOST_WORDS = 12  # of a name, of a search; more adds nothing but cost
# letters that no Unicode form takes apart, as people type them without the right keyboard
FOLD = str.maketrans({"ı": "i", "ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ħ": "h"})
JOINERS = re.compile(r"['’ʼ`´.\-‐‑‒–—·]+")
ZERO_WIDTH = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u0640"))  # joiners; the Arabic tatweel
VIRAMA = 9  # the combining class of signs that join consonants in Indic scripts: part of how a word is written


def plain(text: str) -> str:
    """NFKC, case-folded, without accents and other marks that may be left out when typing.

    Marks with a combining class are accents, Arabic and Hebrew points, Indic nuktas; vowel signs of Indic scripts have none
    and stay, for without them different names would be one.
    """
    folded = unicodedata.normalize("NFKC", text).casefold().translate(FOLD).translate(ZERO_WIDTH)
    apart = unicodedata.normalize("NFD", folded)
    bare = "".join(sign for sign in apart if unicodedata.combining(sign) in (0, VIRAMA))
    return unicodedata.normalize("NFC", bare)


def words(first: str | None, last: str | None = "") -> list[str]:
    """The words a person of this name is found by, most telling first: parts, parts joined, CJK names written as one."""
    found = [*_indexed(first or ""), *_indexed(last or "")]
    one, other = plain(first or "").replace(" ", ""), plain(last or "").replace(" ", "")
    if one and other and not f"{one}{other}".isascii() and _without_spaces(one + other):
        found += [other + one, one + other]
    return list(dict.fromkeys(found))[: 2 * MOST_WORDS]


def typed(text: str) -> list[str]:
    """The words of a search: all of them must fit."""
    return list(dict.fromkeys(_letters(JOINERS.sub("", part)) for part in _parts(text)))[:MOST_WORDS]


def _indexed(text: str) -> Iterator[str]:
    for part in _parts(text):
        yield _letters(JOINERS.sub("", part))
        yield from filter(None, map(_letters, JOINERS.split(part)))


def _parts(text: str) -> list[str]:
    """What spaces and signs set apart; joiners inside are kept."""
    spaced = "".join(sign if _is_letter(sign) or JOINERS.fullmatch(sign) else " " for sign in plain(text))
    return [part for part in spaced.split() if _letters(part)]


def _letters(text: str) -> str:
    return "".join(filter(_is_letter, text))


def _is_letter(sign: str) -> bool:
    return unicodedata.category(sign)[0] in "LNM"


def _without_spaces(text: str) -> bool:
    """Scripts in which a whole name is written as one word."""
    return all("\u2e80" <= sign <= "\U0003ffff" for sign in text)
