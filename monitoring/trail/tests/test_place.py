"""In which trail does an entry land? In the changed row's, whichever way we happened to come."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection

from clinics.models import Clinic
from healthcare.core.context import acting_as
from healthcare.core.ids import new_id
from healthcare.core.tenancy import NoClinic, StrayObject, in_clinic, on_platform
from healthcare.tests import make
from monitoring.trail.models import ClinicAuditEntry
from monitoring.trail.tests import rows
from monitoring.trail.writing import of_row, record


@pytest.mark.django_db
def test_a_clinics_deed_outside_a_clinic_is_refused(north: Any):
    with pytest.raises(NoClinic):
        record("access", "patients.patient", "1")


@pytest.mark.django_db
def test_a_row_of_another_clinic_is_refused(north: Any, south: Any):
    with in_clinic(north):
        row = type(make.patient()).objects.get()
    with in_clinic(south), pytest.raises(StrayObject):
        of_row(row, "access", {})


@pytest.mark.django_db
def test_a_platform_deed_inside_a_clinic_names_the_clinic_and_lands_on_the_platforms_trail(in_north: Any, entries: Any):
    entry = record("access", "accounts.user", new_id())
    assert entry._meta.db_table == "platform_audit_entry"
    assert entry.clinic_id == in_north.id


@pytest.mark.parallel
def test_entries_of_two_clinics_written_side_by_side_never_stray(committed: None):
    north, south = (Clinic.objects.get(slug=slug) for slug in ("north", "south"))
    by_clinic = {north.id: new_id(), south.id: new_id()}

    def work(turn: int) -> None:
        clinic = (north, south)[turn % 2]
        try:
            with acting_as(actor_id=by_clinic[clinic.id]), in_clinic(clinic):
                for _ in range(5):
                    row = rows.saved(rows.practitioner())
                    with on_platform():
                        record("access", "accounts.user", row.pk)
                    row.title = "Prof."
                    row.save()
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(16)))
    for clinic in (north, south):
        with in_clinic(clinic):
            found = list(ClinicAuditEntry.objects.values_list("actor", "clinic_id", "action"))
        assert len(found) == 80
        assert set(found) == {(by_clinic[clinic.id], clinic.id, action) for action in ("create", "update")}
