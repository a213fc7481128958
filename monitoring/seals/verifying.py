"""Is a trail what was sealed? Reads all of it as of one moment, outside PostgreSQL's own functions, and names what is not.

First the chain: numbers, links, hashes, signatures, anchors. Then the entries, streamed once and digested seal by seal. Only
where a digest differs is each entry compared with its leaf, so that the place can be named.
"""

import json
from collections.abc import Iterator
from hashlib import sha256
from itertools import pairwise
from typing import Any, NamedTuple

from psycopg import sql

from clinics.archive.rows import FIXED
from monitoring.seals import anchors, signer
from monitoring.seals.chains import Chain
from monitoring.seals.findings import Finding, Kind, spans
from monitoring.seals.placing import compared
from monitoring.seals.seal import START, hash_of
from monitoring.seals.sealing import leaf

COLUMNS = [
    "number",
    "first",
    "last",
    "rows",
    "absent",
    "late",
    "digest",
    "previous",
    "hash",
    "signature",
    "key",
    "sealed_at",
    "statement",
]


class Verdict(NamedTuple):
    chain: str
    rows: int
    seals: int
    unsealed: int
    findings: list[Finding]
    notes: list[str]

    @property
    def good(self) -> bool:
        return not self.findings


def verify(chain: Chain, cursor: Any, known: dict[int, set[anchors.Anchor]], trusted: signer.Verifier | None = None) -> Verdict:
    """`cursor` must see one moment (`clinics.services.exporting.snapshot`); `known` are anchors read before that moment."""
    trusted = trusted or signer.trusted()
    seals = _seals(chain, cursor)
    findings, notes = list(_chain(chain, seals, trusted)), [text for s in seals if (text := _note(s))]
    findings += [*_leaves(chain, cursor), *_anchored(seals, known)]
    read = Reading(seals)
    with cursor.copy(chain.copy(sql.SQL("true"))) as copy:
        read.all(copy)
    for suspect in read.suspects:
        findings += compared(chain, cursor, suspect, [s for s in seals if s is not suspect])
    if strays := [number for number in read.strays if not _in_a_gap(number, seals)]:
        findings.append(Finding(Kind.INSERTED, spans(strays), detail="no seal has these numbers"))
    return Verdict(chain.name, read.rows, len(seals), read.unsealed, findings, notes)


class Reading:
    """One pass over the entries: which seals' digests differ, what belongs to none, what waits for its seal."""

    def __init__(self, seals: list[Any]) -> None:
        self.seals = [s for s in seals if not s.statement]
        self.later = {number for s in self.seals for number in s.late}
        self.kept: dict[int, bytes] = {}  # leaves of those who came late, until their seal is reached
        self.rows = self.unsealed = 0
        self.suspects: list[Any] = []
        self.strays: list[int] = []

    def all(self, lines: Any) -> None:
        upcoming = iter(self.seals)
        now = next(upcoming, None)
        leaves: list[bytes] = []
        for line in lines:
            number, digest = leaf(bytes(line))
            self.rows += 1
            while now is not None and number > now.last:
                self._close(now, leaves)
                now, leaves = next(upcoming, None), []
            if number in self.later and number not in self.kept:
                self.kept[number] = digest
            elif now is None:
                self.unsealed += 1
            elif number < now.first:
                self.strays.append(number)
            else:
                leaves.append(digest)
        while now is not None:
            self._close(now, leaves)
            now, leaves = next(upcoming, None), []

    def _close(self, one: Any, leaves: list[bytes]) -> None:
        late = [self.kept.get(number, b"") for number in sorted(one.late)]
        if sha256(b"".join([*late, *leaves])).digest() != bytes(one.digest):
            self.suspects.append(one)


def _seals(chain: Chain, cursor: Any) -> list[Any]:
    """Without their leaves, which are many; in the order of their numbers."""
    cursor.execute(FIXED)
    listed = sql.SQL(", ").join(map(sql.Identifier, COLUMNS))
    cursor.execute(sql.SQL("SELECT {} FROM {} ORDER BY number").format(listed, chain.seal_table))
    return [chain.seals.model(**_loaded(dict(zip(COLUMNS, row, strict=True)))) for row in cursor.fetchall()]


def _loaded(row: dict[str, Any]) -> dict[str, Any]:
    """Django's connections leave JSON as text, others don't."""
    texts = (name for name in ("absent", "late", "statement") if isinstance(row[name], str))
    return row | {name: json.loads(row[name]) for name in texts}


def _leaves(chain: Chain, cursor: Any) -> Iterator[Finding]:
    """Leaves that are not those whose digest was signed; by them changed entries are placed."""
    cursor.execute(
        sql.SQL("SELECT number FROM {} WHERE pg_catalog.sha256(leaves) <> digest ORDER BY 1").format(chain.seal_table)
    )
    for (number,) in cursor.fetchall():
        yield Finding(Kind.SEAL_EDITED, seal=number, detail="its leaves are not those that were signed")


def _chain(chain: Chain, seals: list[Any], trusted: signer.Verifier) -> Iterator[Finding]:
    number, end, link = 0, 0, START
    for one in seals:
        text = one.signed_text(chain.name)
        if hash_of(text) != bytes(one.hash):
            yield Finding(Kind.SEAL_EDITED, seal=one.number, detail="what it says has another hash than it names")
        elif not trusted.is_signed(text, bytes(one.signature), one.key):
            yield Finding(Kind.FORGED, seal=one.number, detail=f"not signed by a trusted key ({one.key[:16]})")
        elif one.number != number + 1 and not one.statement:
            yield Finding(Kind.SEAL_DELETED, seal=number + 1, detail=f"seals {number + 1} to {one.number - 1} are missing")
        elif bytes(one.previous) != link or (one.first != end + 1 and not one.statement):
            yield Finding(Kind.BROKEN, seal=one.number, detail="does not go on from the seal before it")
        number, end, link = one.number, one.last, bytes(one.hash)


def _in_a_gap(number: int, seals: list[Any]) -> bool:
    """Whether the seal that would have it is missing, which is a finding of its own."""
    return any(before.last < number < after.first for before, after in pairwise(seals))


def _anchored(seals: list[Any], known: dict[int, set[anchors.Anchor]]) -> Iterator[Finding]:
    """Whether the chain is the one whose anchors lie outside. A statement accounts for what a restore left behind."""
    hashes = {one.number: bytes(one.hash).hex() for one in seals}
    newest = max(hashes, default=0)
    excused = {n for one in seals if one.statement for n in range(one.statement["resumed"] + 1, one.statement["lost"] + 1)}
    for number in sorted(set(known) - excused):
        told = {anchor.hash for anchor in known[number]}
        if len(told) > 1:
            yield Finding(Kind.ANCHORS_DIFFER, seal=number, detail="two anchors of one seal name different hashes")
        elif number in hashes and hashes[number] not in told:
            yield Finding(
                Kind.ROLLED_BACK, seal=number, detail="another seal was anchored here: the trail was put back and went on"
            )
            return
    if gone := sorted(n for n in set(known) - excused if n > newest):
        last = max(known[gone[-1]])
        yield Finding(
            Kind.ROLLED_BACK,
            spans(range(seals[-1].last + 1 if seals else 1, last.last + 1)),
            seal=newest + 1,
            detail=f"ends at seal {newest}, but seal {gone[-1]} was anchored at {last.at}",
        )


def _note(one: Any) -> str:
    return str(one.statement.get("says", "")) if one.statement else ""
