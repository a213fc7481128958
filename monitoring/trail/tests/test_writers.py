"""Does a change leave the same one entry, whichever way it was written?"""

import json
import os
from collections import Counter
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, transaction

from healthcare.core.context import acting_as
from healthcare.core.fields import Sealed, SealedField
from healthcare.core.tenancy import on_platform
from healthcare.tests import make
from monitoring.models import PlatformAuditEntry
from monitoring.trail import triggers
from monitoring.trail.models import ClinicAuditEntry
from monitoring.trail.tests import rows
from monitoring.trail.tests.rows import CLINIC, PUBLIC, Sample
from patients.models import Patient

pytestmark = pytest.mark.django_db


# samples of which there may be several at once
SEVERAL = ("appointments.practitioner", "notifications.notification", "patients.patient")


def other_value(model: Any, sample: Sample) -> Any:
    """`update()` can't seal; what it can write into a sealed column is other ciphertext."""
    return Sealed(os.urandom(48)) if isinstance(model._meta.get_field(sample.field), SealedField) else sample.value


def written(ids: list[Any], *, public: bool) -> Counter[tuple[str, str]]:
    trail: Any = PlatformAuditEntry if public else ClinicAuditEntry
    named = trail.objects.filter(object_id__in=[str(i) for i in ids])
    return Counter(named.values_list("object_id", "action"))


def live_in_bulk(label: str, sample: Sample) -> list[Any]:
    """Made, changed and removed without a signal: `bulk_create`, `update()`, `bulk_update`, `delete()` past the collector."""
    model: Any = apps.get_model(label)
    made = model.objects.bulk_create([sample.make() for _ in range(3 if label in SEVERAL else 1)])
    ids, name = [row.pk for row in made], sample.field
    old = model.objects.filter(pk__in=ids).values_list(name, flat=True)[0]
    assert model.objects.filter(pk__in=ids).update(**{name: other_value(model, sample)}) == len(ids)
    if sample.deletable:
        if isinstance(old, bytes):
            model.objects.filter(pk__in=ids).update(**{name: old})
        else:
            for row in made:
                setattr(row, model._meta.get_field(name).attname, old)
            model.objects.bulk_update(made, [name])
        model.objects.filter(pk__in=ids)._raw_delete("default")
    return ids


def expected(ids: list[Any], *, deletable: bool) -> Counter[tuple[str, str]]:
    times = {"create": 1, "update": 2, "delete": 1} if deletable else {"create": 1, "update": 1}
    return Counter({(str(i), action): count for i in ids for action, count in times.items()})


@pytest.mark.parametrize("label", sorted(CLINIC))
def test_bulk_writes_of_a_clinics_rows_leave_one_entry_a_row(label: str, in_north: Any):
    ids = live_in_bulk(label, CLINIC[label])
    assert written(ids, public=False) == expected(ids, deletable=CLINIC[label].deletable)


@pytest.mark.parametrize("label", sorted(PUBLIC))
def test_bulk_writes_of_public_rows_leave_one_entry_a_row(label: str, north: Any):
    with on_platform():
        ids = live_in_bulk(label, PUBLIC[label])
        assert written(ids, public=True) == expected(ids, deletable=PUBLIC[label].deletable)


@pytest.mark.parametrize("label", sorted(CLINIC))
def test_sql_by_hand_leaves_one_entry_a_row_and_no_health_data(label: str, in_north: Any):
    row = rows.saved(CLINIC[label].make())
    table = row._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {table} t WHERE id = %s RETURNING to_jsonb(t)", [row.pk])
        kept = cursor.fetchone()[0]
        cursor.execute(f"INSERT INTO {table} SELECT * FROM jsonb_populate_record(NULL::{table}, %s)", [kept])
    found = list(ClinicAuditEntry.objects.filter(object_id=str(row.pk)).order_by("number"))
    assert [e.action for e in found] == ["create", "delete", "create"]
    assert [w for w in ("Zubeida", "Okonkwo", "headache", "9812345678") if w in json.dumps([e.changes for e in found])] == []


def test_an_upsert_is_a_creation_or_a_change_never_both(in_north: Any, entries: Any):
    row = rows.saved(rows.practitioner())
    other = rows.practitioner()
    row.title = other.title = "Prof."
    known = {"update_conflicts": True, "unique_fields": ["id"], "update_fields": ["title"]}
    type(row).objects.bulk_create([row, other], **known)
    assert [e.action for e in entries(row)] == ["create", "update"]
    assert [e.action for e in entries(other)] == ["create"]


def test_rows_that_fall_with_another_are_on_the_trail(in_north: Any):
    weekly = rows.saved(rows.weekly())
    weekly.practitioner.delete()
    assert written([weekly.pk, weekly.practitioner_id or ""], public=False)[str(weekly.pk), "delete"] == 1


def test_what_was_rolled_back_is_on_no_trail(in_north: Any, entries: Any):
    row = rows.practitioner()
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        row.save()
        raise ZeroDivisionError
    assert entries(row) == []


def test_a_change_of_nothing_that_is_looked_at_leaves_no_entry(in_north: Any, entries: Any):
    row = rows.saved(rows.queue())
    type(row).objects.filter(pk=row.pk).update(seq=7, last_number=3)
    assert [e.action for e in entries(row)] == ["create"]


def test_a_bulk_write_names_who_acts_and_whose_chart_it_is(in_north: Any, actor: Any, entries: Any):
    chart = make.patient()
    Patient.objects.filter(pk=chart.pk).update(language="de")
    row = rows.saved(rows.appointment())
    type(row).objects.filter(pk=row.pk).update(state="cancelled")
    entry, about = entries(chart)[-1], entries(row)[-1]
    assert (entry.actor, entry.actor_kind, entry.request_id, entry.purpose) == (actor, "person", "request-0001", "treatment")
    assert (entry.subjects, about.subjects) == ([chart.pk], [row.patient_id])
    assert entry.clinic_id == in_north.id


def test_the_actor_is_who_acts_when_the_statement_runs(in_north: Any, entries: Any):
    row = rows.saved(rows.practitioner())
    someone, other = make.person().pk, make.person().pk
    with transaction.atomic():
        for who, title in ((someone, "Dr"), (other, "Prof.")):
            with acting_as(actor_id=who):
                type(row).objects.filter(pk=row.pk).update(title=title)
    assert [e.actor for e in entries(row)[1:]] == [someone, other]


def test_every_audited_table_of_every_schema_has_its_trigger(north: Any, south: Any):
    with connection.cursor() as cursor:
        schemas = ("public", "clinic_template", north.schema_name, south.schema_name)
        assert {schema: triggers.lacking(cursor, schema) for schema in schemas} == {schema: [] for schema in schemas}
