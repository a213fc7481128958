"""Which chains are there, and where does each lie? One for the platform's trail, one for each clinic's."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import Any, NamedTuple
from uuid import UUID

from django.apps import apps
from psycopg import sql

from clinics.models import Clinic
from clinics.services.schemas import owner_cursor
from healthcare.core.tenancy import in_clinic, on_platform

PLATFORM = "platform"
# how an entry is told as bytes: these columns, tab-separated, as COPY writes them under fixed settings; its number comes first
COLUMNS = (
    *("number", "id", "at", "action", "object_type", "object_id", "actor", "actor_kind", "session", "request_id"),
    *("address", "purpose", "clinic_id", "changes", "subjects", "tx"),
)


class Chain(NamedTuple):
    """`name` is `platform` or the clinic's id."""

    name: str
    schema: str
    clinic: Any = None

    @property
    def seals(self) -> Any:
        return apps.get_model("trail.ClinicAuditSeal" if self.clinic else "monitoring.PlatformAuditSeal").objects

    @property
    def entry_name(self) -> str:
        return "audit_entry" if self.clinic else "platform_audit_entry"

    @property
    def seal_name(self) -> str:
        return "audit_seal" if self.clinic else "platform_audit_seal"

    @property
    def entries(self) -> sql.Identifier:
        return sql.Identifier(self.schema, self.entry_name)

    @property
    def seal_table(self) -> sql.Identifier:
        return sql.Identifier(self.schema, self.seal_name)

    def place(self) -> AbstractContextManager[Any]:
        return in_clinic(self.clinic) if self.clinic else on_platform()

    def copy(self, where: sql.Composable, limit: int | None = None) -> sql.Composed:
        """The statement that streams entries, each as one line, by number."""
        columns = sql.SQL(", ").join(map(sql.Identifier, COLUMNS))
        text = "COPY (SELECT {} FROM {} WHERE {} ORDER BY number LIMIT {}) TO STDOUT"
        return sql.SQL(text).format(columns, self.entries, where, sql.SQL("ALL") if limit is None else sql.Literal(limit))


def platform() -> Chain:
    return Chain(PLATFORM, "public")


def of_clinic(clinic: Any) -> Chain:
    return Chain(str(clinic.id), clinic.schema_name, clinic)


def every() -> Iterator[Chain]:
    """All chains that exist, of closed clinics too."""
    yield platform()
    with owner_cursor() as cursor:
        cursor.execute("SELECT nspname FROM pg_namespace WHERE nspname ~ '^clinic_[0-9a-f]{32}$'")
        there = {name for (name,) in cursor.fetchall()}
    with on_platform():
        clinics = list(Clinic.objects.filter(schema_name__in=there).order_by("id"))
    yield from map(of_clinic, clinics)


def serving() -> Iterator[Chain]:
    """The platform's chain and those of open clinics."""
    yield platform()
    with on_platform():
        clinics = list(Clinic.objects.serving().order_by("id"))
    yield from map(of_clinic, clinics)


def named(name: str) -> Chain | None:
    """By `platform`, or a clinic's slug or id, in whatever state it is."""
    if name == PLATFORM:
        return platform()
    with on_platform():
        rows = Clinic.objects.filter(pk=name) if _is_id(name) else Clinic.objects.filter(slug=name)
        clinic = rows.first()
    return of_clinic(clinic) if clinic else None


def _is_id(text: str) -> bool:
    try:
        return bool(UUID(text))
    except ValueError:
        return False
