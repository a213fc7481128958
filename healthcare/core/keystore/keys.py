"""Which key opens this? Finds, makes and keeps unwrapped keys in this process for a short time."""

import threading
from collections.abc import Iterable, Iterator
from uuid import UUID

from cachetools import TTLCache
from django.db import IntegrityError, transaction
from django.db.models import Count, Q

from healthcare.core import crypto
from healthcare.core.crypto import DataKey, Scope, Unreadable
from healthcare.core.db_router import KEYSTORE
from healthcare.core.keystore.models import WrappedKey
from healthcare.core.keystore.root import root

INDEX = "index"  # blind-index keys are keys of their own: they outlive the rotation of data keys
_lock = threading.RLock()
_newest: TTLCache[Scope, DataKey] = TTLCache(maxsize=50_000, ttl=60)
_exact: TTLCache[tuple[Scope, int], DataKey] = TTLCache(maxsize=50_000, ttl=60)


class OtherKey(Exception):
    """The owner has another key of this generation already."""


def newest(scope: Scope) -> DataKey:
    """The key to seal with; made on first use. Raises Unreadable once the owner's key was destroyed."""
    with _lock:
        if (key := _newest.get(scope)) is not None:
            return key
    return _remember(scope, _load(scope) or _make(scope))


def exact(scope: Scope, generation: int) -> DataKey:
    """The key of one generation, to open with. Raises Unreadable when it is not there."""
    with _lock:
        if (key := _exact.get((scope, generation))) is not None:
            return key
    row = _rows(scope).filter(generation=generation).first()
    if row is None:
        raise Unreadable
    key = unwrapped(scope, row)
    with _lock:
        _exact[scope, generation] = key
    return key


def index_secret(scope: Scope) -> bytes:
    """The secret for blind indexes of a platform or clinic."""
    return newest(scope._replace(kind=f"{scope.kind}_{INDEX}")).secret


def warm(scopes: Iterable[Scope]) -> None:
    """Load the keys of many owners of one kind with one query (a list page, an import)."""
    with _lock:
        missing = [s for s in dict.fromkeys(scopes) if s not in _newest]
    if not missing:
        return
    by_owner = {s.owner: s for s in missing}
    rows = WrappedKey.objects.filter(kind=missing[0].kind, clinic=missing[0].clinic, owner__in=by_owner)
    for row in rows.order_by("generation"):
        if row.destroyed_at is None:
            _remember(by_owner[row.owner], unwrapped(by_owner[row.owner], row))


def make_many(scopes: Iterable[Scope]) -> None:
    """Make the first key of many new owners of one parent in one statement; owners that have one keep it."""
    rows = [_wrapped(scope, crypto.new_secret()) for scope in scopes]
    WrappedKey.objects.bulk_create(rows, ignore_conflicts=True, batch_size=1000)


def renew(scope: Scope) -> DataKey:
    """Make the owner's next generation and answer it; what was sealed with former ones still opens."""
    while True:
        present = newest(scope).generation
        try:
            with transaction.atomic(using=KEYSTORE):
                _wrapped(scope, crypto.new_secret(), present + 1).save(force_insert=True)
        except IntegrityError:
            forget_newest(scope)
            continue
        forget_newest(scope)
        return newest(scope)


def forget_newest(scope: Scope) -> None:
    """Look again which key is the newest."""
    with _lock:
        _newest.pop(scope, None)


def destroy(scope: Scope) -> int:
    """Erase by destroying every generation of the owner's key; answers how many. Cannot be undone."""
    from django.utils import timezone

    count = int(_rows(scope).filter(destroyed_at=None).update(wrapped=b"", destroyed_at=timezone.now()))
    forget()
    return count


def destroy_clinic(clinic: UUID) -> int:
    """Erase a whole clinic: its own keys and all its patients'. Answers how many. Cannot be undone."""
    from django.utils import timezone

    rows = WrappedKey.objects.filter(clinic=clinic, destroyed_at=None)
    count = int(rows.update(wrapped=b"", destroyed_at=timezone.now()))
    forget()
    return count


def destroyed(clinic: UUID) -> list[UUID]:
    """The patients of a clinic whose keys were destroyed: whatever backup comes back, they stay erased."""
    rows = WrappedKey.objects.filter(kind="patient", clinic=clinic, owner__isnull=False).values("owner")
    gone = rows.annotate(living=Count("id", filter=Q(destroyed_at=None))).filter(living=0)
    return [UUID(str(row["owner"])) for row in gone]


def has(scope: Scope) -> bool:
    """Whether the owner has a key that was not destroyed."""
    return bool(_rows(scope).filter(destroyed_at=None).exists())


def of_clinic(clinic: UUID) -> Iterator[tuple[Scope, DataKey]]:
    """Every living key of a clinic, opened, one by one; the clinic's own first."""
    rows = WrappedKey.objects.filter(clinic=clinic, destroyed_at=None)
    for part in (rows.exclude(kind="patient"), rows.filter(kind="patient")):
        for row in part.order_by("kind", "owner", "generation").iterator(chunk_size=1000):
            scope = Scope(row.kind, row.clinic, row.owner)
            yield scope, unwrapped(scope, row)


def bring(scope: Scope, key: DataKey) -> bool:
    """Keep a key that was made elsewhere; answers whether it was new. One destroyed here stays destroyed. Raises OtherKey."""
    row = _rows(scope).filter(generation=key.generation).first()
    if row is None:
        _wrapped(scope, key.secret, key.generation).save(force_insert=True)
        return True
    if row.destroyed_at is None and unwrapped(scope, row).secret != key.secret:
        raise OtherKey
    return False


def forget() -> None:
    with _lock:
        _newest.clear()
        _exact.clear()


def _rows(scope: Scope):  # type: ignore[no-untyped-def]
    return WrappedKey.objects.filter(kind=scope.kind, clinic=scope.clinic, owner=scope.owner)


def _load(scope: Scope) -> DataKey | None:
    row = _rows(scope).order_by("-generation").first()
    return None if row is None else unwrapped(scope, row)


def _make(scope: Scope) -> DataKey:
    try:
        with transaction.atomic(using=KEYSTORE):
            _wrapped(scope, crypto.new_secret()).save(force_insert=True)
    except IntegrityError:
        pass  # another process was first; its key counts
    key = _load(scope)
    if key is None:
        raise Unreadable
    return key


def successor(scope: Scope, generation: int) -> WrappedKey:
    """A new key of this generation, wrapped, not yet stored."""
    return _wrapped(scope, crypto.new_secret(), generation)


def wrap(scope: Scope, row: WrappedKey, secret: bytes) -> None:
    """Put the secret into the row, under the newest generation of its parent."""
    if scope.kind != "patient":
        row.wrapped = root().wrap(secret, bound_to(row))
        return
    parent = _parent(scope, None)
    row.parent_generation = parent.generation
    row.wrapped = crypto.seal(secret, parent, bound_to(row))


def unwrapped(scope: Scope, row: WrappedKey) -> DataKey:
    """The key that the row holds. Raises Unreadable."""
    if row.destroyed_at is not None:
        raise Unreadable
    if scope.kind != "patient":
        return DataKey(row.generation, root().unwrap(bytes(row.wrapped), bound_to(row))[0])
    parent = _parent(scope, row.parent_generation)
    return DataKey(row.generation, crypto.unseal(bytes(row.wrapped), parent, bound_to(row)))


def bound_to(row: WrappedKey) -> bytes:
    return crypto.aad(Scope(row.kind, row.clinic, row.owner), f"key:{row.generation}", row.id)


def _wrapped(scope: Scope, secret: bytes, generation: int = 1) -> WrappedKey:
    row = WrappedKey(kind=scope.kind, clinic=scope.clinic, owner=scope.owner, generation=generation)
    wrap(scope, row, secret)
    return row


def _parent(scope: Scope, generation: int | None) -> DataKey:
    """Patients' keys hang from their clinic's; all others hang from the root key."""
    clinic: UUID = scope.clinic  # type: ignore[assignment]
    above = crypto.clinic_scope(clinic)
    return newest(above) if generation is None else exact(above, generation)


def _remember(scope: Scope, key: DataKey) -> DataKey:
    with _lock:
        _exact[scope, key.generation] = key
        if (known := _newest.get(scope)) is None or known.generation <= key.generation:
            _newest[scope] = key
    return key
