"""Is this a number of that kind? Shapes and check digits of identifiers, as far as their issuers publish them. Pure.

Aadhaar: 12 digits, not beginning with 0 or 1, the last by Verhoeff (UIDAI). NHS: 10 digits, the last by modulus 11 (NHS Data
Dictionary). ABHA: 14 digits; no check digit is published for it, so only its shape is asked for.
"""

import re
import unicodedata
from collections.abc import Callable

STEP = (1, 5, 7, 6, 2, 8, 3, 0, 9, 4)  # Verhoeff's permutation of the digits


def plain(text: str) -> str:
    """Without spaces and dashes, in capitals, digits of any script as 0-9."""
    kept = (sign for sign in unicodedata.normalize("NFKC", text).upper() if sign.isalnum())
    return "".join(str(unicodedata.digit(sign)) if sign.isdigit() else sign for sign in kept)


def fits(kind: str, number: str) -> bool:
    """Whether the plain number can be one of that kind. What has no rule needs a letter or digit, 64 at most."""
    rule = RULES.get(kind)
    return rule(number) if rule else 1 <= len(number) <= 64


def verhoeff(digits: str) -> bool:
    total = 0
    for place, digit in enumerate(map(int, reversed(digits))):
        for _ in range(place % 8):
            digit = STEP[digit]
        total = _times(total, digit)
    return total == 0


def modulus_11(digits: str) -> bool:
    """The NHS number's: weights 10 to 2; a remainder that would need the digit 10 is never issued."""
    due = 11 - sum(int(digit) * weight for digit, weight in zip(digits[:9], range(10, 1, -1), strict=True)) % 11
    return due % 11 == int(digits[9]) and due != 10


def _times(a: int, b: int) -> int:
    """The group of a pentagon's turns (0-4) and flips (5-9), on which Verhoeff's check stands."""
    if a < 5:
        return (a + b) % 5 + 5 * (b >= 5)
    return 5 + (a - b) % 5 if b < 5 else (a - b) % 5


RULES: dict[str, Callable[[str], bool]] = {
    "abha": lambda number: bool(re.fullmatch(r"[0-9]{14}", number)),
    "aadhaar": lambda number: bool(re.fullmatch(r"[2-9][0-9]{11}", number)) and verhoeff(number),
    "nhs": lambda number: bool(re.fullmatch(r"[0-9]{10}", number)) and modulus_11(number),
    "passport": lambda number: bool(re.fullmatch(r"[A-Z0-9]{5,15}", number)),
}
