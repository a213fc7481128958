"""Who writes at the database itself: are they on record too, and told from the product?"""

from typing import Any

import psycopg
import pytest
from django.conf import settings

from clinics.models import Clinic
from healthcare.core.tenancy import in_clinic
from monitoring.trail.models import ClinicAuditEntry
from monitoring.trail.tests import rows


@pytest.fixture
def beside(committed: None) -> Any:
    """Somebody at the database itself, as owner, on no connection of the product's own making."""
    known = settings.DATABASES["owner"]
    with psycopg.connect(
        host=known["HOST"], port=known["PORT"], user=known["USER"], password=known["PASSWORD"], dbname=known["NAME"]
    ) as own:
        yield own


@pytest.mark.parallel
def test_whoever_writes_past_the_product_is_on_record_as_such(beside: Any):
    north = Clinic.objects.get(slug="north")
    with in_clinic(north):
        row = rows.saved(rows.practitioner())
    beside.execute(f"UPDATE \"{north.schema_name}\".appointments_practitioner SET title = 'Prof.' WHERE id = %s", [row.pk])
    beside.execute(f'TRUNCATE "{north.schema_name}".appointments_weeklytemplate')
    beside.commit()
    with in_clinic(north):
        change, emptied = ClinicAuditEntry.objects.filter(actor_kind="database").order_by("number")
    assert (change.object_id, change.changes) == (str(row.pk), {"title": ["", "Prof."]})
    assert change.purpose == "role:healthcare_owner"
    assert (emptied.object_type, emptied.object_id, emptied.action) == ("appointments.weeklytemplate", "*", "delete")
