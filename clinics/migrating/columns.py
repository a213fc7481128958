"""Which new or changed columns break running code, which of them lock a big table?"""

from typing import Any

from django.db import connections, models
from django.db.models.functions import Now

WIDER = {("smallint", "integer"), ("smallint", "bigint"), ("integer", "bigint")}  # no value is lost, the table is rewritten
REWRITES = "rewrites a big table under a lock: add it without the default, then fill it in pieces"
INDEXED = "builds an index on a big table under a lock: leave db_index and unique out, then AddIndexConcurrently"


def added(field: Any, *, big: bool) -> str | None:
    """Why running code would not survive this new column."""
    if field.many_to_many:
        return None  # a table of its own
    if not field.null and not _filled_by_database(field):
        return "NOT NULL without db_default: running code inserts rows without it"
    if field.unique:
        return None if field.null and not big else "running code writes the same default twice, or a big table is indexed"
    if big and (field.generated or not _constant(field)):
        return REWRITES
    return INDEXED if big and (field.db_index or field.remote_field) else None


def altered(old: Any, new: Any, *, big: bool) -> str | None:
    """Why running code would not survive the column's change from `old` to `new`; None where the database hardly changes."""
    if old.many_to_many or new.many_to_many:
        return None if old.many_to_many and new.many_to_many else "running code uses what it was"
    checks = (_moved, _retyped, _now_required, _default_gone, _now_unique, _now_indexed)
    return next((why for check in checks if (why := check(old, new, big)) is not None), None)


def _moved(old: Any, new: Any, big: bool) -> str | None:
    if old.column != new.column:
        return "running code still uses the column's old name"
    if bool(old.remote_field) != bool(new.remote_field) or (
        new.remote_field and old.remote_field.model._meta.label_lower != new.remote_field.model._meta.label_lower
    ):
        return "running code may write ids that the new reference forbids"
    return None


def _retyped(old: Any, new: Any, big: bool) -> str | None:
    before, after = _type(old), _type(new)
    if before == after or _longer_text(old, new) or _more_digits(old, new):
        return None
    if (before, after) in WIDER:
        return REWRITES if big else None
    return f"narrower or another type ({before} → {after}): running code may write what no longer fits"


def _longer_text(old: Any, new: Any) -> bool:
    if not isinstance(old, (models.CharField, models.TextField)) or not isinstance(new, (models.CharField, models.TextField)):
        return False
    before, after = (None if isinstance(field, models.TextField) else field.max_length for field in (old, new))
    return after is None or (before is not None and after >= before)


def _more_digits(old: Any, new: Any) -> bool:
    if not isinstance(old, models.DecimalField) or not isinstance(new, models.DecimalField):
        return False
    return new.decimal_places == old.decimal_places and (new.max_digits or 0) >= (old.max_digits or 0)


def _now_required(old: Any, new: Any, big: bool) -> str | None:
    if not old.null or new.null:
        return None
    if old.has_default() and old.get_default() is not None:
        return "scans a big table under a lock" if big else None
    return "NOT NULL: running code may still write nothing there"


def _default_gone(old: Any, new: Any, big: bool) -> str | None:
    gone = _filled_by_database(old) and not _filled_by_database(new) and not new.null
    return "running code leaves it to the default that goes" if gone else None


def _now_unique(old: Any, new: Any, big: bool) -> str | None:
    return "running code may write the same value twice" if new.unique and not old.unique else None


def _now_indexed(old: Any, new: Any, big: bool) -> str | None:
    return INDEXED if big and new.db_index and not old.db_index else None


def _type(field: Any) -> str | None:
    found: str | None = field.db_type(connections["owner"])
    return found


def _filled_by_database(field: Any) -> bool:
    return field.has_db_default() or field.generated or isinstance(field, models.AutoField)


def _constant(field: Any) -> bool:
    """Whether the default is known when the column is added; else each row needs one of its own, and the table is rewritten."""
    if not field.has_db_default():
        return True
    default = field.db_default
    return not hasattr(default, "resolve_expression") or isinstance(default, (models.Value, Now))
