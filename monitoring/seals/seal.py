"""What is one seal? A signed statement about a range of entries, which names the seal before it: the chain.

An entry belongs to the seal whose range holds its number, unless it is `absent` there (its transaction had failed, or was not
through yet); one that came late is named by a later seal. So nothing is ever written to an entry, and no two seals share one.
"""

import json
from hashlib import sha256
from typing import Any

from django.db import models

from healthcare.core.tenancy import Row

LEAF = 32  # bytes of an entry's digest
START = b"\x00" * 32  # what the first seal names as the one before it


class Seal(Row):
    number = models.PositiveBigIntegerField()  # 1, 2, 3 … without gaps, but for a statement's jump
    first = models.PositiveBigIntegerField()  # numbers of entries, both included; first > last: only late ones
    last = models.PositiveBigIntegerField()
    rows = models.PositiveIntegerField()
    absent: "models.JSONField[list[list[int]], list[list[int]]]" = models.JSONField(default=list)  # [[from, to], …]
    late: "models.JSONField[list[int], list[int]]" = models.JSONField(default=list)
    digest = models.BinaryField()  # of `leaves`
    leaves = models.BinaryField()  # the digest of each entry: the late ones, then the range, by number
    previous = models.BinaryField()  # hash of the seal before it
    hash = models.BinaryField()  # of what is signed
    signature = models.BinaryField()
    key = models.CharField(max_length=16)  # which key signed
    sealed_at = models.DateTimeField()
    statement: "models.JSONField[dict[str, Any], dict[str, Any]]" = models.JSONField(default=dict)  # why the chain jumps

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return str(self.number)

    def signed_text(self, chain: str) -> bytes:
        """What hash and signature are of: everything but the leaves, which `digest` stands for."""
        told = {
            "chain": chain,
            "number": self.number,
            "first": self.first,
            "last": self.last,
            "rows": self.rows,
            "absent": self.absent,
            "late": self.late,
            "digest": bytes(self.digest).hex(),
            "previous": bytes(self.previous).hex(),
            "key": self.key,
            "sealed_at": self.sealed_at.isoformat(),
            "statement": self.statement,
        }
        return json.dumps(told, sort_keys=True, separators=(",", ":")).encode()

    def members(self) -> list[int]:
        """The numbers of its entries in the order of the leaves."""
        missing = {n for low, high in self.absent for n in range(low, high + 1)}
        return [*sorted(self.late), *(n for n in range(self.first, self.last + 1) if n not in missing)]


def hash_of(text: bytes) -> bytes:
    return sha256(text).digest()
