"""What does an entry say of a change, and what does it keep to itself?"""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from healthcare.core.context import acting_as
from healthcare.core.crypto import patient_scope
from healthcare.core.fields import Sealed
from healthcare.core.ids import new_id
from healthcare.core.keystore import keys
from healthcare.core.tenancy import on_platform
from healthcare.tests import make
from monitoring.trail.tests import rows

pytestmark = pytest.mark.django_db


def changed(entries: Any, row: Any) -> dict[str, Any]:
    return entries(row)[-1].changes  # type: ignore[no-any-return]


def test_codes_ids_and_instants_are_shown(in_north: Any, entries: Any):
    row = rows.saved(rows.appointment())
    row.state = "confirmed"
    row.save()
    assert changed(entries, row) == {"state": ["scheduled", "confirmed"]}


def test_sealed_text_is_masked_whole_whatever_its_length(in_north: Any, entries: Any):
    row = rows.saved(rows.appointment())
    row.reason = "x" * 150
    row.save()
    assert changed(entries, row) == {"reason": ["•", "•"]}


def test_a_sealed_column_that_was_empty_is_told_from_one_that_was_not(in_north: Any, entries: Any):
    row = make.patient()
    row.phone = "+919812345678"
    row.save()
    assert changed(entries, row) == {"phone": [None, "•"]}


def test_a_code_that_describes_a_person_is_masked(in_north: Any, entries: Any):
    row = make.patient()
    row.sex = "female"
    row.save()
    assert changed(entries, row) == {"sex": ["•", "•"]}


def test_text_that_the_table_does_not_list_is_masked(in_north: Any, entries: Any):
    assert entries(make.patient())[0].changes["mrn"] == [None, "•"]
    with on_platform():
        person = make.person()
    assert entries(person, public=True)[0].changes["password"] == [None, "•"]


def test_digests_keys_and_counters_are_left_out(in_north: Any, entries: Any):
    row = rows.saved(rows.patient())
    assert set(entries(row)[0].changes) & {"id", "version", "phone_index", "email_index"} == set()


def test_saving_without_a_change_leaves_no_entry(in_north: Any, entries: Any):
    row = make.patient()
    type(row).objects.get(pk=row.pk).save()
    assert [e.action for e in entries(row)] == ["create"]


def test_a_value_that_was_read_but_not_changed_is_no_change(in_north: Any, entries: Any):
    row = type(make.patient()).objects.get()
    assert row.first_name == "Mira"
    row.language = "de"
    row.save()
    assert changed(entries, row) == {"language": ["•", "•"]}


def test_the_audit_does_not_open_what_nobody_read(in_north: Any):
    row = type(make.patient()).objects.get()
    before = row.__dict__["first_name"]
    row.language = "de"
    row.save()
    again = type(row).objects.get()
    assert isinstance(row.__dict__["first_name"], Sealed)
    assert again.__dict__["first_name"] == before


def test_a_row_whose_key_was_destroyed_can_still_be_changed(in_north: Any, entries: Any):
    row = rows.saved(rows.appointment())
    keys.destroy(patient_scope(in_north.id, row.patient_id))
    row = type(row).objects.get(pk=row.pk)
    row.state = "cancelled"
    row.save()
    assert changed(entries, row) == {"state": ["scheduled", "cancelled"]}


def test_a_save_of_some_columns_tells_of_these_only(in_north: Any, entries: Any):
    row = rows.saved(rows.appointment())
    row.state, row.priority = "confirmed", "urgent"
    row.save(update_fields=["priority"])
    assert changed(entries, row) == {"priority": ["normal", "urgent"]}


def test_reverse_relations_are_no_columns(in_north: Any, entries: Any):
    row = rows.saved(rows.practitioner())
    assert set(entries(row)[0].changes) <= {f.name for f in row._meta.concrete_fields}


def test_the_actor_is_who_acts_when_the_row_is_written_also_after_an_inner_block(in_north: Any, entries: Any):
    outer, inner = new_id(), new_id()
    with acting_as(actor_id=outer):
        with acting_as(actor_id=inner):
            first = rows.saved(rows.practitioner())
        second = rows.saved(rows.practitioner())
    assert [entries(first)[0].actor, entries(second)[0].actor] == [inner, outer]


def test_circumstances_are_kept(in_north: Any, actor: Any, entries: Any):
    entry = entries(rows.saved(rows.practitioner()))[0]
    assert (entry.actor_kind, entry.request_id, entry.address, entry.purpose, entry.clinic_id) == (
        "person",
        "request-0001",
        "203.0.113.7",
        "treatment",
        in_north.id,
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_xact_id()::text")
        assert entry.tx == int(cursor.fetchone()[0])


def test_without_an_actor_it_was_the_product_or_a_visitor_from_outside(in_north: Any, entries: Any):
    by_itself = rows.saved(rows.practitioner())
    with acting_as(address="203.0.113.9"):
        from_outside = rows.saved(rows.practitioner())
    assert [entries(by_itself)[0].actor_kind, entries(from_outside)[0].actor_kind] == ["system", "visitor"]


def test_a_change_costs_one_statement_and_the_entry_no_other(in_north: Any, entries: Any):
    row = rows.saved(rows.practitioner())
    row.title = "Prof."
    with CaptureQueriesContext(connection) as queries:
        row.save()
    assert len(queries) == 1
    assert changed(entries, row) == {"title": ["", "Prof."]}
