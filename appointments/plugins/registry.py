"""Which kinds of appointment does this installation know? Those that settings.APPOINTMENT_PLUGINS names, by dotted path."""

import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.signals import setting_changed
from django.utils.module_loading import import_string

from appointments.plugins.base import DEVICE, PATIENT, PRACTITIONER, ROOM, Kind
from healthcare.core.errors import Refused

CODE = re.compile(r"[a-z][a-z0-9_]{1,39}\Z")


class UnknownKind(Refused):
    code = "unknown_kind"
    detail = "There is no such kind of appointment here."


def kind_named(code: str) -> Kind:
    """Raises UnknownKind."""
    try:
        return kinds()[code]
    except KeyError:
        raise UnknownKind from None


def hooks_of(code: str) -> Kind:
    """The kind, for its hooks: an appointment outlives its plugin, so a kind that is gone has no hooks."""
    return kinds().get(code) or Kind(code=code)


@cache
def kinds() -> dict[str, Kind]:
    """All kinds by code, as the setting orders them. Raises ImproperlyConfigured for what is no kind, or there twice."""
    found: dict[str, Kind] = {}
    for kind in _named(settings.APPOINTMENT_PLUGINS):
        _check(kind)
        if kind.code in found:
            raise ImproperlyConfigured(f"APPOINTMENT_PLUGINS: two kinds have the code {kind.code!r}")
        found[kind.code] = kind
    return found


def _named(paths: Iterable[str]) -> Iterator[Kind]:
    for path in paths:
        try:
            thing = import_string(path)
        except ImportError as error:
            raise ImproperlyConfigured(f"APPOINTMENT_PLUGINS: {path} can't be imported: {error}") from error
        for one in thing if isinstance(thing, (list, tuple)) else [thing]:
            yield _kind(path, one)


def _kind(path: str, thing: Any) -> Kind:
    if isinstance(thing, type) and issubclass(thing, Kind):
        return thing()
    if isinstance(thing, Kind):
        return thing
    raise ImproperlyConfigured(f"APPOINTMENT_PLUGINS: {path} is no Kind, nor a list of them")


def _check(kind: Kind) -> None:
    if not CODE.match(kind.code):
        raise ImproperlyConfigured(f"APPOINTMENT_PLUGINS: {type(kind).__qualname__} has no code of the form {CODE.pattern}")
    people = [kind.claims.count(PRACTITIONER), kind.claims.count(PATIENT)]
    if not set(kind.claims) <= {PRACTITIONER, PATIENT, ROOM, DEVICE} or people not in ([1, 0], [1, 1]):
        can_be = "one practitioner, at most one patient, rooms and devices can be"
        raise ImproperlyConfigured(f"APPOINTMENT_PLUGINS: {kind.code} claims {kind.claims}; {can_be}")


def _forget(*, setting: str, **kwargs: Any) -> None:
    if setting == "APPOINTMENT_PLUGINS":
        kinds.cache_clear()


setting_changed.connect(_forget, dispatch_uid="appointments.plugins")
