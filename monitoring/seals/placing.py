"""Which entries of a seal are not what was sealed, and in what way? Each one's digest against its leaf."""

from collections import defaultdict
from collections.abc import Iterator
from hashlib import sha256
from itertools import takewhile
from typing import Any

from psycopg import sql

from monitoring.seals.chains import Chain
from monitoring.seals.findings import Finding, Kind, spans
from monitoring.seals.seal import LEAF
from monitoring.seals.sealing import leaf


def compared(chain: Chain, cursor: Any, one: Any, others: list[Any]) -> Iterator[Finding]:
    """What differs under this seal; nothing more where its leaves were changed too, which is a finding of its own."""
    leaves = _leaves(chain, cursor, one)
    members = one.members()
    if sha256(leaves).digest() != bytes(one.digest) or len(leaves) != len(members) * LEAF:
        yield Finding(
            Kind.EDITED, f"{one.first}–{one.last}", one.number, "some of these: the leaves that would tell which are gone"
        )
        return
    sealed = dict(zip(members, _pieces(leaves), strict=True))
    foreign = {number for other in others for number in other.late}
    there = _there(chain, cursor, one, foreign)
    gone = {n for n in sealed if n not in there}
    changed = {n: there[n][0] for n in sealed if n in there and sealed[n] not in there[n]}
    extra = {n for n in there if n not in sealed or len(there[n]) > 1}
    swapped = set(_swapped(sealed, changed))
    yield from _told(Kind.SWAPPED, swapped, one)
    yield from _told(Kind.EDITED, set(changed) - swapped, one)
    yield from _told(Kind.INSERTED, extra, one)
    tail = _tail(list(sealed), gone) if one.number == max(each.number for each in (one, *others)) else set()
    yield from _told(Kind.TRUNCATED, tail, one)
    yield from _told(Kind.DELETED, gone - tail, one)


def _tail(members: list[int], gone: set[int]) -> set[int]:
    """The entries at the very end that are gone."""
    return set(takewhile(lambda number: number in gone, sorted(members, reverse=True)))


def _told(kind: Kind, numbers: set[int], one: Any) -> Iterator[Finding]:
    if numbers:
        yield Finding(kind, spans(numbers), one.number)


def _swapped(sealed: dict[int, bytes], changed: dict[int, bytes]) -> Iterator[int]:
    """Those that say what was sealed under another number."""
    by_leaf = {digest: number for number, digest in sealed.items()}
    for number, digest in changed.items():
        if by_leaf.get(digest, number) != number:
            yield number


def _leaves(chain: Chain, cursor: Any, one: Any) -> bytes:
    cursor.execute(sql.SQL("SELECT leaves FROM {} WHERE number = {}").format(chain.seal_table, one.number))
    return bytes(cursor.fetchone()[0])


def _pieces(leaves: bytes) -> list[bytes]:
    return [leaves[i : i + LEAF] for i in range(0, len(leaves), LEAF)]


def _there(chain: Chain, cursor: Any, one: Any, foreign: set[int]) -> dict[int, list[bytes]]:
    """What lies in the seal's range now, and those it names as late; more than one digest where a number is twice."""
    where = sql.SQL("(number BETWEEN {} AND {} OR number = ANY({}))").format(one.first, one.last, list(one.late))
    found: dict[int, list[bytes]] = defaultdict(list)
    with cursor.copy(chain.copy(where)) as copy:
        for line in copy:
            number, digest = leaf(bytes(line))
            if number not in foreign or number in one.late:
                found[number].append(digest)
    return dict(found)
