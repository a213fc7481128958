"""How do sealed columns come under the newest generation of their keys? Row by row, only where the row is still as it was read.

A statement that finds other ciphertext changes nothing: somebody wrote meanwhile, and the next pass looks again. What can't be
opened (an erased chart) stays as it is.
"""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.apps import apps
from django.conf import settings

from healthcare.core import crypto
from healthcare.core.crypto import Unreadable, clinic_scope
from healthcare.core.fields import Sealed, SealedField, sealed_fields, warm
from healthcare.core.keystore import keys
from healthcare.core.tenancy import each_kept_clinic, find_clinic, in_clinic, on_platform

BATCH = 200


def reseal_columns(kind: str, clinic: UUID | None) -> int:
    """Every sealed column under keys of this kind, of one clinic or all. Answers how many rows were changed."""
    if kind == "platform":
        with on_platform():
            return sum(_reseal(model, kind) for model in _models(shared=True))
    return sum(_reseal(model, kind) for _ in clinics_of(clinic) for model in _models(shared=False))


def clinics_of(clinic: UUID | None) -> Iterator[Any]:
    """The one clinic, or every one whose keys may get successors (closed ones too: they may open again), entered."""
    if clinic is None:
        yield from (kept for kept in each_kept_clinic() if keys.has(clinic_scope(kept.id)))  # else it can't be opened any more
        return
    with in_clinic(find_clinic(clinic)) as entered:
        yield entered


def _models(*, shared: bool) -> Iterator[Any]:
    wanted = settings.SHARED_APPS if shared else settings.TENANT_APPS
    for config in apps.get_app_configs():
        if config.name in wanted:
            yield from (model for model in config.get_models() if sealed_fields(model))


def _reseal(model: Any, kind: str) -> int:
    fields, count, last = sealed_fields(model), 0, None
    while True:
        rows = model._base_manager.order_by("pk")
        batch = list((rows.filter(pk__gt=last) if last else rows)[:BATCH])
        if not batch:
            return count
        last = batch[-1].pk
        ours = [row for row in batch if row.seal_scope().kind == kind]
        warm(ours)
        count += sum(_resealed(model, row, fields) for row in ours)


def _resealed(model: Any, row: Any, fields: list[SealedField]) -> int:
    scope = row.seal_scope()
    try:
        newest = keys.newest(scope)
        old = {f.attname: row.__dict__[f.attname] for f in fields if _is_older(row.__dict__.get(f.attname), newest.generation)}
        new = {f.attname: Sealed(_again(row, f, newest)) for f in fields if f.attname in old}
    except Unreadable:
        return 0
    return int(model._base_manager.filter(pk=row.pk, **old).update(**new)) if new else 0


def _is_older(value: Any, generation: int) -> bool:
    return isinstance(value, Sealed) and crypto.generation_of(value) < generation


def _again(row: Any, field: SealedField, newest: crypto.DataKey) -> bytes:
    scope, sealed = row.seal_scope(), bytes(row.__dict__[field.attname])
    bound_to = crypto.aad(scope, field.label, row.pk)
    plain = crypto.unseal(sealed, keys.exact(scope, crypto.generation_of(sealed)), bound_to)
    return crypto.seal(plain, newest, bound_to)
