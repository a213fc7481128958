"""How do keys get successors while everything goes on? New generations first, then what the old ones protect, pass by pass.

A part is one kind of key with what hangs from it; `rotates` adds one. Each may be killed and begun again: what is done is known
by the generation that each value names. Other processes seal under the generation they remember for a minute (`SETTLES`), and
a row in somebody's hands may bring its old ciphertext back: so a part passes over its values until a pass after that minute,
begun when every transaction that wrote in it has ended, found nothing old. Old generations stay, for what was written before
can come back from a backup, unless they are retired.
"""

import datetime as dt
import time
from collections.abc import Callable
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Exists, Max, OuterRef
from django.utils import timezone

from healthcare.core.crypto import Scope
from healthcare.core.keystore import keys
from healthcare.core.keystore.models import WrappedKey
from healthcare.core.keystore.root import root

SETTLES = 61.0  # seconds: longer than a process remembers a key
WRITERS = 0.5  # seconds between two looks whether they have ended
BATCH = 500


class Order(NamedTuple):
    """What is to be rotated: keys made before `began`, of one clinic or of all; how progress is told."""

    began: dt.datetime
    clinic: UUID | None = None
    say: Callable[[str], None] = print
    settles: float = SETTLES


Part = Callable[[Order], int]
Resealing = Callable[[str, Order], int]
_parts: dict[str, Part] = {}
_resealing: list[Resealing] = []


def rotates(name: str) -> Callable[[Part], Part]:
    """Register a part: it answers how many things it changed; its docstring is its help."""

    def register(part: Part) -> Part:
        _parts[name] = part
        return part

    return register


def parts() -> dict[str, Part]:
    return dict(_parts)


def reseals(function: Resealing) -> Resealing:
    """Register what seals values outside sealed columns: called with a kind of key and the order, it brings all it has under
    the newest generation, tells how far it is, and answers how many it changed. A value that can't be opened stays."""
    _resealing.append(function)
    return function


@rotates("root")
def rotate_root(order: Order) -> int:
    """Wrap every key that hangs from the root key anew, with the present one (ROOT_KEY); then the former can go."""
    return until_clean(order, _rewrap_under_root)


@rotates("platform")
def rotate_platform(order: Order) -> int:
    """A new generation of the platform's key; people's names and contacts sealed anew under it."""
    made = _succeed(order, WrappedKey.objects.filter(kind="platform"))
    return made + until_clean(order, lambda: _reseal("platform", order))


@rotates("clinic")
def rotate_clinics(order: Order) -> int:
    """A new generation of each clinic's key; its patients' keys wrapped anew with it, its own columns and files sealed anew."""
    made = _succeed(order, _of(order, "clinic"))
    return made + until_clean(order, lambda: _rewrap_under_clinics(order) + _reseal("clinic", order))


@rotates("patients")
def rotate_patients(order: Order) -> int:
    """A new generation of each patient's key; everything of their charts, documents too, sealed anew under it."""
    made = _succeed(order, _of(order, "patient"))
    return made + until_clean(order, lambda: _reseal("patient", order))


def until_clean(order: Order, one_pass: Callable[[], int]) -> int:
    """Pass until nothing is left, then once more when no process remembers the old generation. Answers how many changes."""
    begun, total, is_last = time.monotonic(), 0, not order.settles
    while True:
        keys.forget()
        if count := one_pass():
            total += count
            order.say(f"  {count} brought under the newest generation")
            continue
        if is_last:
            return total
        if (left := begun + order.settles - time.monotonic()) > 0:
            order.say(f"  waiting {left:.0f} s for those who remember the former one")
            time.sleep(left)
        _wait_for_writers(order)
        is_last = True


def _wait_for_writers(order: Order) -> None:
    """Until whoever writes now has ended: what they sealed before the minute was over is not to be seen until they commit."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_xact_id()::text")  # takes a number: who has a lower one wrote before
        (number,) = cursor.fetchone()
        told = False
        while True:
            cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot()) > %s::xid8", [number])
            if cursor.fetchone()[0]:
                return
            if not told:
                order.say("  waiting for transactions that are still open")
                told = True
            time.sleep(WRITERS)


def retire(order: Order, kind: str) -> int:
    """Destroy generations before the newest, of one kind. Only after its part found nothing left under them."""
    newest = _newest_by_owner(_of(order, kind))
    rows = [
        r.pk for r in _of(order, kind).only("pk", "clinic", "owner", "generation") if r.generation < newest[r.clinic, r.owner]
    ]
    count = 0
    for start in range(0, len(rows), BATCH):
        some = WrappedKey.objects.filter(pk__in=rows[start : start + BATCH], destroyed_at=None)
        count += some.update(wrapped=b"", destroyed_at=timezone.now())
    keys.forget()
    return count


def retired_since(clinic: UUID, instant: dt.datetime) -> bool:
    """Whether a key of the clinic or of one of its patients has got a successor since and was destroyed: what was sealed before
    can't be opened any more. An erased patient's key has no successor and does not count."""
    ours = WrappedKey.objects.filter(clinic=clinic)
    later = ours.filter(kind=OuterRef("kind"), owner=OuterRef("owner"), generation__gt=OuterRef("generation"))
    successors = later.filter(destroyed_at=None, created_at__gt=instant)
    gone = ours.filter(destroyed_at__isnull=False, created_at__lte=instant)
    return bool(gone.filter(Exists(successors)).exists())


def _of(order: Order, kind: str) -> Any:
    rows = WrappedKey.objects.filter(kind=kind, destroyed_at=None)
    return rows if order.clinic is None else rows.filter(clinic=order.clinic)


def _newest_by_owner(rows: Any) -> dict[tuple[UUID | None, UUID | None], int]:
    found = rows.values_list("clinic", "owner").annotate(newest=Max("generation"))
    return {(clinic, owner): newest for clinic, owner, newest in found}


def _succeed(order: Order, rows: Any) -> int:
    """A successor for every owner whose newest generation was made before the order began."""
    young, made = set(rows.filter(created_at__gte=order.began).values_list("clinic", "owner")), 0
    kind = rows.values_list("kind", flat=True).first()
    owed = [(owner, newest) for owner, newest in _newest_by_owner(rows).items() if owner not in young]
    for start in range(0, len(owed), BATCH):
        batch = [
            keys.successor(Scope(kind, clinic, owner), generation + 1)
            for (clinic, owner), generation in owed[start : start + BATCH]
        ]
        WrappedKey.objects.bulk_create(batch, ignore_conflicts=True)
        made += len(batch)
        order.say(f"  {made} of {len(owed)} keys have a successor")
    keys.forget()
    return made


def _rewrap_under_root() -> int:
    count = 0
    for row in WrappedKey.objects.filter(destroyed_at=None).exclude(kind="patient").iterator(chunk_size=BATCH):
        bound_to = keys.bound_to(row)
        secret, is_present = root().unwrap(bytes(row.wrapped), bound_to)
        if not is_present:
            same = WrappedKey.objects.filter(pk=row.pk, wrapped=row.wrapped)
            count += same.update(wrapped=root().wrap(secret, bound_to))
    return count


def _rewrap_under_clinics(order: Order) -> int:
    count = 0
    for (clinic, _), newest in _newest_by_owner(_of(order, "clinic")).items():
        while old := list(
            WrappedKey.objects.filter(kind="patient", clinic=clinic, destroyed_at=None, parent_generation__lt=newest)[:BATCH]
        ):
            with transaction.atomic(using="keystore"):
                count += sum(_rewrapped(row) for row in old)
    return count


def _rewrapped(row: WrappedKey) -> int:
    before = bytes(row.wrapped)
    scope = Scope(row.kind, row.clinic, row.owner)
    keys.wrap(scope, row, keys.unwrapped(scope, row).secret)
    same = WrappedKey.objects.filter(pk=row.pk, wrapped=before, destroyed_at=None)
    return int(same.update(wrapped=row.wrapped, parent_generation=row.parent_generation))


def _reseal(kind: str, order: Order) -> int:
    from healthcare.core.resealing import reseal_columns

    return reseal_columns(kind, order.clinic) + sum(function(kind, order) for function in _resealing)
