"""When does an email address or phone number stand for a person? Once they have proven that it reaches them.

Until then it is *pending*: shown to its person, found by nobody. Its index is bound to the person, so that two people may
claim the same address and neither learns of the other; whoever proves it first has it.
"""

from typing import Any

from healthcare.core.fields import BlindIndex, Sealed


class ContactIndex(BlindIndex):
    """A blind index that leads to its row only while `<source>_pending` is false."""

    def pre_save(self, row: Any, add: bool) -> Any:
        value = row.__dict__.get(self.source)
        if isinstance(value, Sealed) or not value or not getattr(row, f"{self.source}_pending"):
            return super().pre_save(row, add)
        plain = getattr(type(row), self.normalise)(value)
        digest = self.digest_of(f"{row.pk}|{plain}", row.index_scope())
        setattr(row, self.attname, digest)
        return digest
