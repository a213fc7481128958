"""How do entries come under seal? In batches, when their transactions are surely through, in the order of their numbers.

Numbers are not in the order of commit: a range is taken as it is visible, what is missing in it is written down as absent,
and looked for again for a day. `tx` says whether an entry is final: older than every transaction that still runs, or of
another server, from which it was brought here.
"""

import datetime as dt
import logging
from collections.abc import Iterable, Iterator
from hashlib import sha256
from typing import Any

from django.db import connection, transaction
from django.utils import timezone
from psycopg import sql

from clinics.archive.rows import FIXED
from monitoring.seals import anchors, signer
from monitoring.seals.chains import Chain
from monitoring.seals.seal import START, hash_of

log = logging.getLogger(__name__)

LARGEST = 2000  # entries of one seal
WATCHED = dt.timedelta(days=1)  # how long an absent entry may still come
LOCKS = 7_240_118  # class of the advisory locks by chain; any number, the same for everybody who seals
FINAL = sql.SQL("(tx < pg_snapshot_xmin(pg_current_snapshot()) OR tx >= pg_snapshot_xmax(pg_current_snapshot()))")
Lines = list[tuple[int, bytes]]


def seal(chain: Chain) -> int:
    """Seal what is final and write the anchors once that is committed. Answers how many seals; somebody else at it: none."""
    made = 0
    while (rows := _seal_once(chain)) is not None:
        made += 1
        if rows < LARGEST:
            break
    transaction.on_commit(lambda: _anchored(chain))
    return made


def unsealed(chain: Chain) -> bool:
    """Whether entries wait for their seal."""
    with chain.place(), connection.cursor() as cursor:
        text = "SELECT EXISTS (SELECT FROM {} WHERE number > coalesce((SELECT max(last) FROM {}), 0))"
        cursor.execute(sql.SQL(text).format(chain.entries, chain.seal_table))
        return bool(cursor.fetchone()[0])


def anchor(chain: Chain) -> int:
    """Write the anchors that the folders lack. Answers how many lines."""
    if not anchors.folders():
        return 0
    known = anchors.newest(chain.name)
    with chain.place():
        return anchors.keep(chain.name, chain.seals.filter(number__gt=known).defer("leaves").order_by("number"))


def _anchored(chain: Chain) -> None:
    """A folder that fails holds nothing up: what it lacks is written with the next seal."""
    try:
        anchor(chain)
    except OSError as error:
        log.error("audit.anchor_failed", extra={"clinic": chain.name, "error": type(error).__name__})


def leaf(line: bytes) -> tuple[int, bytes]:
    """An entry's number, and the digest of the rest of its line: the number is its place in the chain, not what it says."""
    number, _, rest = line.partition(b"\t")
    return int(number), sha256(rest).digest()


def _seal_once(chain: Chain) -> int | None:
    with chain.place(), transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s, hashtext(%s))", [LOCKS, chain.name])
            if not cursor.fetchone()[0]:
                return None
            cursor.execute(FIXED)
            newest = chain.seals.defer("leaves").order_by("-number").first()
            end = newest.last if newest else 0
            late = list(_late(cursor, chain)) if newest else []
            fresh = _lines(cursor, chain, sql.SQL("number > {} AND {}").format(end, FINAL), limit=LARGEST)
        if not late and not fresh:
            return None
        _add(chain, newest, late, fresh)
        return len(fresh)


def _late(cursor: Any, chain: Chain) -> Iterator[tuple[int, bytes]]:
    recent = chain.seals.filter(sealed_at__gte=timezone.now() - WATCHED).exclude(absent=[], late=[])
    known = list(recent.values_list("absent", "late"))
    gaps = [pair for absent, _ in known for pair in absent]
    if not gaps:
        return
    came = {number for _, late in known for number in late}
    ranges = sql.SQL(" OR ").join(sql.SQL("number BETWEEN {} AND {}").format(low, high) for low, high in gaps)
    for number, digest in _lines(cursor, chain, sql.SQL("({}) AND {}").format(ranges, FINAL)):
        if number not in came:
            yield number, digest


def _lines(cursor: Any, chain: Chain, where: sql.Composable, limit: int | None = None) -> Lines:
    with cursor.copy(chain.copy(where, limit)) as copy:
        return [leaf(bytes(line)) for line in copy]


def _add(chain: Chain, newest: Any, late: Lines, fresh: Lines) -> None:
    numbers, begin = [n for n, _ in fresh], newest.last + 1 if newest else 1
    leaves = b"".join(digest for _, digest in [*sorted(late), *fresh])
    who = signer.configured()
    one = chain.seals.model(
        number=newest.number + 1 if newest else 1,
        first=begin,
        last=numbers[-1] if numbers else begin - 1,
        rows=len(late) + len(fresh),
        absent=list(gaps(begin, numbers)),
        late=sorted(n for n, _ in late),
        digest=sha256(leaves).digest(),
        leaves=leaves,
        previous=bytes(newest.hash) if newest else START,
        key=who.name,
        sealed_at=timezone.now(),
    )
    text = one.signed_text(chain.name)
    one.hash, one.signature = hash_of(text), who.sign(text)
    one.save(force_insert=True)


def gaps(begin: int, numbers: Iterable[int]) -> Iterator[list[int]]:
    """What is missing between `begin` and the last of the sorted numbers, as pairs of first and last."""
    for number in numbers:
        if number > begin:
            yield [begin, number - 1]
        begin = number + 1
