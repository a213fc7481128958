"""What changed between two states of a row? {column: [old, new]}, ready for JSON, masked where the table says so.

Sealed columns are compared as they lie in memory. Reading them would open them, and what is open is sealed anew on saving:
the audit would then rewrite every ciphertext, and could not follow a row whose key has been destroyed.
"""

from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import models

from healthcare.core.crypto import Unreadable
from healthcare.core.fields import Sealed, SealedField
from monitoring.trail.masks import looked_at, masked, shown

Changes = dict[str, list[Any]]
COMPUTED = "computed"


def between(old: models.Model | None, new: models.Model | None, only: Any = None) -> Changes:
    """The changed columns; `only` are the names a save is restricted to. A column that was never loaded has not changed."""
    some: models.Model = new or old  # type: ignore[assignment]
    fields = [f for f in some._meta.concrete_fields if looked_at(f) and (only is None or {f.name, f.attname} & set(only))]
    return {f.name: [_told(f, old), _told(f, new)] for f in fields if _differs(f, old, new)}


def _differs(field: Any, old: models.Model | None, new: models.Model | None) -> bool:
    name = field.attname
    if old is None or new is None:
        return (old or new).__dict__.get(name) is not None  # type: ignore[union-attr]
    if name not in new.__dict__:
        return False
    if isinstance(field, SealedField):
        return _sealed_differs(name, old, new)
    return bool(_python(field, old.__dict__.get(name)) != _python(field, new.__dict__[name]))


def _sealed_differs(name: str, old: models.Model, new: models.Model) -> bool:
    before, after = old.__dict__.get(name), new.__dict__[name]
    if isinstance(after, Sealed) or before is None or after is None:
        return bool(before != after)
    try:
        return bool(getattr(old, name) != after)
    except Unreadable:
        return True


def _told(field: Any, row: models.Model | None) -> Any:
    if row is None or (value := row.__dict__.get(field.attname)) is None:
        return None
    is_empty = not isinstance(field, SealedField) and value in ("", [], {})
    return _plain(_python(field, value)) if is_empty or shown(field) else masked(value)


def _python(field: Any, value: Any) -> Any:
    if hasattr(value, "resolve_expression"):
        return COMPUTED
    try:
        return value if isinstance(field, models.JSONField) else field.target_field.to_python(value)
    except (AttributeError, ValidationError, TypeError, ValueError):
        return _own_python(field, value)


def _own_python(field: Any, value: Any) -> Any:
    try:
        return field.to_python(value)
    except (ValidationError, TypeError, ValueError):
        return str(value)


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, (bool, int, float, list, dict)):
        return value
    if isinstance(value, UUID):
        return str(value)
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
