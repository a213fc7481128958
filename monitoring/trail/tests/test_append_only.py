"""Can the trail be changed? Not by the application, not by a clinic, not even by the owner."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import ProgrammingError, connection, transaction

from clinics.models import Clinic
from clinics.services.schemas import owner_cursor
from healthcare.core.tenancy import in_clinic, on_platform
from monitoring.models import PlatformAuditEntry
from monitoring.trail.entry import AppendOnly
from monitoring.trail.models import ClinicAuditEntry
from monitoring.trail.writing import record

DEEDS = {
    "update": "UPDATE {} SET action = 'access'",
    "update of nothing": "UPDATE {} SET action = 'access' WHERE false",
    "delete": "DELETE FROM {}",
    "truncate": "TRUNCATE {}",
}


def refused(cursor: Any, statement: str) -> bool:
    with pytest.raises(ProgrammingError) as caught, transaction.atomic():
        cursor.execute(statement)
    return getattr(caught.value.__cause__, "sqlstate", "") == "42501"


@pytest.mark.django_db
@pytest.mark.parametrize("deed", DEEDS)
def test_the_application_may_not_change_the_platforms_trail(deed: str, north: Any):
    record("access", "accounts.user", "1")
    with on_platform(), connection.cursor() as cursor:
        assert refused(cursor, DEEDS[deed].format("platform_audit_entry"))
        assert PlatformAuditEntry.objects.filter(object_id="1").count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("deed", DEEDS)
def test_a_clinic_may_not_change_its_trail(deed: str, in_north: Any):
    record("access", "patients.patient", "1")
    with connection.cursor() as cursor:
        assert refused(cursor, DEEDS[deed].format("audit_entry"))
    assert ClinicAuditEntry.objects.filter(object_id="1").count() == 1


@pytest.mark.django_db
def test_a_clinic_may_add_to_the_platforms_trail_but_not_read_it(in_north: Any):
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO platform_audit_entry"
            " (id, at, action, object_type, object_id, actor_kind, request_id, purpose, changes)"
            " SELECT gen_random_uuid(), now(), 'access', 'x.y', '1', 'system', '', '', '{}'"
        )
        assert refused(cursor, "SELECT count(*) FROM platform_audit_entry")


@pytest.mark.django_db
def test_a_clinic_may_not_reach_another_clinics_trail(north: Any, south: Any):
    with in_clinic(north), connection.cursor() as cursor:
        assert refused(cursor, f'SELECT count(*) FROM "{south.schema_name}".audit_entry')


@pytest.mark.django_db
@pytest.mark.parametrize("change", ["save", "delete"])
def test_an_entry_in_hand_may_not_be_changed(change: str, in_north: Any):
    entry = record("access", "patients.patient", "1")
    with pytest.raises(AppendOnly):
        getattr(entry, change)()


@pytest.fixture
def owned(committed: None) -> Iterator[Any]:
    """A cursor of the owner, with one entry in both trails."""
    record("access", "accounts.user", "1")
    with in_clinic(Clinic.objects.get(slug="north")):
        record("access", "patients.patient", "1")
    with owner_cursor() as cursor:
        yield cursor


@pytest.mark.parallel
@pytest.mark.parametrize("deed", DEEDS)
def test_the_owner_is_refused_by_the_trigger_in_public_and_in_every_clinic(deed: str, owned: Any):
    tables = ["public.platform_audit_entry", *(f'"{c.schema_name}".audit_entry' for c in Clinic.objects.all())]
    for table in tables:
        with pytest.raises(ProgrammingError, match="append-only"):
            owned.execute(DEEDS[deed].format(table))
