"""What is a seeded row called? Always the same: its id follows from what it is, so that a second seed meets the first."""

import datetime as dt
import hashlib
from random import Random
from uuid import UUID

FOUNDED = dt.datetime(2025, 1, 6, 8, tzinfo=dt.UTC)  # when the demo's people came to its clinics


def seeded_id(at: dt.datetime, *words: object) -> UUID:
    """A version 7 id as of `at`, its random part a digest of the words."""
    digest = int.from_bytes(_digest(*words)[:10], "big")
    low = digest & ((1 << 62) - 1)
    high = digest >> 62 & 0xFFF
    return UUID(int=int(at.timestamp() * 1000) << 80 | 0x7 << 76 | high << 64 | 0b10 << 62 | low)


def dice(*words: object) -> Random:
    """Chance that falls the same way each time for the same words."""
    return Random(_digest(*words))  # noqa: S311 (made-up people, no secret)


def _digest(*words: object) -> bytes:
    return hashlib.sha256("|".join(map(str, words)).encode()).digest()
