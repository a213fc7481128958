"""In which clinic are we? The only module that knows django-tenants; everything else says clinic.

The clinic is entered with a `with` block only. Decorators and `set_tenant` keep state between calls, which on threads and
sockets ends in the wrong clinic.
"""

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connections, models
from django_tenants.models import DomainMixin, TenantMixin  # noqa: F401  (re-exported for clinics.models)
from django_tenants.utils import get_tenant_model, tenant_context

from healthcare.core.errors import Refused
from healthcare.core.ids import new_id

PUBLIC_SCHEMA = "public"
TEMPLATE_SCHEMA = "clinic_template"

_current: ContextVar[Any] = ContextVar("clinic", default=None)


class NoClinic(RuntimeError):
    """Code asked for the current clinic outside `in_clinic`: a fault of ours, never answered with a default."""


class StrayObject(RuntimeError):
    """An object read in one clinic is about to be written in another."""


class ClinicRequired(Refused):
    status = 400
    code = "clinic_required"
    detail = "Name the clinic: header X-Clinic-ID, or the clinic's own host name."


class ClinicConflict(Refused):
    status = 400
    code = "clinic_conflict"
    detail = "The request names two different clinics."


class ClinicNotFound(Refused):
    status = 404
    code = "clinic_not_found"
    detail = "There is no such clinic for you."


def current_clinic() -> Any:
    """The clinic entered by `in_clinic`. Raises NoClinic outside."""
    clinic = _current.get()
    if clinic is None:
        raise NoClinic
    return clinic


def clinic_or_none() -> Any:
    return _current.get()


@contextmanager
def in_clinic(clinic: Any) -> Iterator[Any]:
    """Work in one clinic: its schema, its role, its keys. Nests; leaving restores the outer place."""
    token = _current.set(clinic)
    try:
        with tenant_context(clinic):
            yield clinic
    finally:
        _current.reset(token)


@contextmanager
def on_platform() -> Iterator[None]:
    """Work in public as the application's own role, also from inside a clinic (same connection, same transaction)."""
    connection: Any = connections[DEFAULT_DB_ALIAS]
    outer, token = connection.tenant, _current.set(None)
    connection.set_schema_to_public()
    try:
        yield
    finally:
        connection.set_tenant(outer)
        _current.reset(token)


def find_clinic(name: str | UUID) -> Any:
    """The open clinic with this slug or id, or None; from the cache. What is missing is not kept."""
    from healthcare.core.cache import CLINIC, PLATFORM

    model = get_tenant_model()

    def load() -> dict[str, Any] | None:
        with on_platform():
            found: dict[str, Any] | None = model.objects.serving().named(str(name)).values().first()
        return found

    kept = CLINIC.read(f"clinic:{str(name).lower()}", load, of=PLATFORM)
    if kept is None:
        return None
    columns = [model._meta.get_field(column).to_python(value) for column, value in kept.items()]
    return model.from_db(DEFAULT_DB_ALIAS, list(kept), columns)


def forget_clinics() -> None:
    """Drop in every process what is known of clinics: at the end of this transaction, or now outside one."""
    from healthcare.core.cache import CLINIC, PLATFORM

    CLINIC.forget(of=PLATFORM)


def each_clinic() -> Generator[Any, None, None]:
    """Every open clinic in turn, entered."""
    yield from _each(get_tenant_model().objects.serving())


def each_kept_clinic() -> Generator[Any, None, None]:
    """Every clinic whose data are here, entered: the open ones, and those that are closed and may open again."""
    yield from _each(get_tenant_model().objects.kept())


def _each(rows: Any) -> Generator[Any, None, None]:
    with on_platform():
        clinics = list(rows.order_by("id"))
    for clinic in clinics:
        with in_clinic(clinic):
            yield clinic


class Row(models.Model):
    """A row of ours: its id is made by the application (UUIDv7), so it is known, and part of ciphertexts, before the insert."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)

    class Meta:
        abstract = True


class ClinicRow(Row):
    """A row in a clinic's schema. It remembers where it came from and refuses to be written elsewhere.

    Raises NoClinic when written outside a clinic, StrayObject when written in another clinic than it was read in.
    """

    class Meta:
        abstract = True

    _home: str | None = None

    @classmethod
    def from_db(cls, *args: Any, **kwargs: Any) -> Any:
        row = super().from_db(*args, **kwargs)
        connection: Any = connections[str(row._state.db)]
        row._home = connection.schema_name
        return row

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.assert_home()
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> Any:
        self.assert_home()
        return super().delete(*args, **kwargs)

    def assert_home(self) -> None:
        here = current_clinic().schema_name
        self._home = self._home or here
        if self._home != here:
            raise StrayObject(f"{self._meta.label} belongs to another clinic")
