"""How is a sealed name found by how it begins? Keyed digests of each word's beginnings, in an array with a GIN index.

A row's array holds, for every word of its sources, the digest of each beginning (`SHORTEST` to `LONGEST` letters) and of the
whole word. A digest is a keyed hash cut to 8 bytes: nobody without the index key can make or check one. What a copy of the
table still tells is how many rows share a beginning (frequencies), as with every index that finds equal things equal;
beginnings of one letter are therefore left out, except in scripts where one sign is a word.

8 bytes: among 2 million different digests of a clinic two collide with a probability of 1e-7, and a collision only shows a row
too many.
"""

import hashlib
import hmac
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from django.contrib.postgres.fields import ArrayField
from django.db import models

from healthcare.core import crypto
from healthcare.core.fields import Sealed
from healthcare.core.keystore import keys

SHORTEST, LONGEST = 2, 16  # letters of a beginning
IDEOGRAMS = ((0x3400, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x3FFFF))  # CJK: one sign is a word
DIGEST = 8  # bytes


class Sought(NamedTuple):
    """One word that was typed: the digest of it as a beginning and as a whole word."""

    beginning: int
    whole: int


class PrefixIndex(ArrayField):  # type: ignore[type-arg]
    """`PrefixIndex(sources=("first_name",), label="patient.name", words="name_words")`.

    `words` names a static method of the model that takes the sources' values and gives the plain words to be found by; the
    model's `index_scope()` says whose index key is used. NULL: not indexed (yet, or any more); empty: has no words.
    """

    def __init__(self, base_field: Any = None, *, sources: Iterable[str], label: str, words: str, **kwargs: Any) -> None:
        self.sources, self.label, self.words = tuple(sources), label, words
        kwargs |= {"null": True, "editable": False}
        super().__init__(base_field or models.BigIntegerField(), **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        for implied in ("null", "editable"):
            kwargs.pop(implied, None)
        return name, path, args, {**kwargs, "sources": self.sources, "label": self.label, "words": self.words}

    def pre_save(self, row: Any, add: bool) -> Any:
        if all(isinstance(row.__dict__.get(source), Sealed) for source in self.sources):
            return row.__dict__.get(self.attname)  # untouched since it was read
        digests = self.digests(type(row), [getattr(row, source) for source in self.sources], row.index_scope())
        setattr(row, self.attname, digests)
        return digests

    def digests(self, model: Any, values: Iterable[Any], scope: crypto.Scope) -> list[int]:
        """What the column holds for these values of the sources."""
        secret = self.secret(scope)
        words = getattr(model, self.words)(*values)
        return sorted({digest for word in words for digest in _of_word(word, secret)})

    def secret(self, scope: crypto.Scope) -> bytes:
        return crypto.blind("prefixes", keys.index_secret(scope), self.label)


def sought(model: Any, field: str, words: Iterable[str], scope: crypto.Scope) -> list[Sought]:
    """What to look for: rows whose column holds every `beginning`; those that hold `whole` fit better."""
    secret = model._meta.get_field(field).secret(scope)
    return [Sought(_digest(_cut(word), secret), _digest(f"{word}$", secret)) for word in words]


def _of_word(word: str, secret: bytes) -> Iterator[int]:
    shortest = min(1 if _is_ideogram(word[0]) else SHORTEST, len(word))
    for length in range(shortest, min(len(word), LONGEST) + 1):
        yield _digest(word[:length], secret)
    yield _digest(f"{word}$", secret)


def _cut(word: str) -> str:
    return word[:LONGEST]


def _is_ideogram(sign: str) -> bool:
    return any(first <= ord(sign) <= last for first, last in IDEOGRAMS)


def _digest(text: str, secret: bytes) -> int:
    return int.from_bytes(hmac.digest(secret, text.encode(), hashlib.sha256)[:DIGEST], "big", signed=True)
