"""How does a throw-away clinic begin and end? Opened as any other; ended with its schema, role, people, rows and keys."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from django.db import connections
from psycopg import sql

from clinics import grants
from clinics.models import Clinic
from clinics.services.opening import open_clinic, order_clinic
from clinics.services.schemas import owner_cursor
from healthcare.core.keystore import keys
from healthcare.core.tenancy import forget_clinics, on_platform

PREFIX = "probe-"

# public rows that name a clinic or its people, children first; the platform's trail is append-only and keeps its ids
OF_PEOPLE = (
    "DELETE FROM accounts_socketticket WHERE user_id = ANY(%s)",
    "DELETE FROM accounts_session WHERE user_id = ANY(%s)",
    "DELETE FROM accounts_challenge WHERE user_id = ANY(%s)",
    "DELETE FROM accounts_recoverycode WHERE user_id = ANY(%s)",
    "DELETE FROM accounts_totp WHERE user_id = ANY(%s)",
    "DELETE FROM accounts_membership WHERE user_id = ANY(%s)",
)
OF_CLINIC = (
    "DELETE FROM accounts_socketticket WHERE clinic_id = %s",
    "DELETE FROM accounts_display WHERE clinic_id = %s",
    "DELETE FROM accounts_invitation WHERE clinic_id = %s",
    "DELETE FROM accounts_membership WHERE clinic_id = %s",
    "DELETE FROM job WHERE clinic_id = %s",
    "DELETE FROM event WHERE clinic_id = %s",
    "DELETE FROM clinics_settingsversion WHERE clinic_id = %s",
    "DELETE FROM clinics_location WHERE clinic_id = %s",
    "DELETE FROM clinics_domain WHERE tenant_id = %s",
    "DELETE FROM clinics_clinic WHERE id = %s",
)


def begin(name: str) -> Clinic:
    """An open clinic that nobody else uses. Raises what opening raises."""
    tag = secrets.token_hex(5)
    return open_clinic(order_clinic(slug=f"{PREFIX}{name}-{tag}", name=f"Probe {name} {tag}", zone="Europe/Berlin"))


@contextmanager
def throwaway(name: str) -> Iterator[Clinic]:
    """A clinic for a drill or a benchmark, and nothing of it afterwards."""
    clinic = begin(name)
    try:
        yield clinic
    finally:
        end([clinic], [], [], [])


def close(clinic: Clinic) -> None:
    """As if it had been ended: its row is there, its state says closed."""
    with on_platform():
        Clinic.objects.filter(pk=clinic.pk).update(state=Clinic.State.CLOSED)
    forget_clinics()


def end(clinics: list[Clinic], people: list[UUID], displays: list[UUID], sessions: list[str]) -> None:
    """Leave nothing behind but what the platform's trail says of it."""
    with owner_cursor() as cursor:
        for clinic in clinics:
            cursor.execute(sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(sql.Identifier(clinic.schema_name)))
            grants.drop_role(cursor, clinic.schema_name)
        for statement in OF_PEOPLE:
            cursor.execute(statement, [people])
        cursor.execute("DELETE FROM accounts_display WHERE id = ANY(%s)", [displays])
        for clinic in clinics:
            for statement in OF_CLINIC:
                cursor.execute(statement, [clinic.id])
        cursor.execute("DELETE FROM event WHERE actor_id = ANY(%s)", [people])
        cursor.execute("DELETE FROM django_session WHERE session_key = ANY(%s)", [sessions])
        cursor.execute("DELETE FROM accounts_user WHERE id = ANY(%s)", [people])
    with connections["keystore"].cursor() as cursor:
        cursor.execute("DELETE FROM wrapped_key WHERE clinic = ANY(%s)", [[clinic.id for clinic in clinics]])
    keys.forget()
    forget_clinics()


def left_over() -> list[str]:
    """Throw-away clinics that an interrupted run left."""
    with on_platform():
        return list(Clinic.objects.filter(slug__startswith=PREFIX).values_list("slug", flat=True))
