"""Does every statement run in the right clinic, or not at all?"""

import re
import threading
import uuid
from unittest import mock

import psycopg
import pytest
from django.db import DatabaseError, InternalError, ProgrammingError, connection, transaction

from clinics.models import Clinic
from healthcare.core.context import acting_as
from healthcare.core.ids import new_id
from healthcare.core.postgresql import base
from healthcare.core.tenancy import NoClinic, StrayObject, current_clinic, find_clinic, in_clinic, on_platform
from healthcare.tests import make
from patients.models import Patient

pytestmark = pytest.mark.django_db


def where() -> tuple[str, str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_schema(), current_user")
        return cursor.fetchone()


def test_path_and_role_are_the_clinics_inside_and_the_applications_outside(north):
    outside = where()
    with in_clinic(north):
        assert where() == (north.schema_name, north.schema_name)
        with on_platform():
            assert where() == outside
        assert where() == (north.schema_name, north.schema_name)
    assert where() == outside and outside[0] == "public"


def test_a_query_in_the_same_place_by_the_same_person_costs_no_extra_statement(in_north, django_assert_num_queries):
    Patient.objects.count()
    with mock.patch.object(base, "PLACE", "SELECT no such function()"), django_assert_num_queries(1):
        Patient.objects.count()


def test_who_acts_is_told_with_the_next_statement(in_north):
    Patient.objects.count()
    someone = new_id()
    with acting_as(actor_id=someone), connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('healthcare.acting')::jsonb->>'actor'")
        assert cursor.fetchone()[0] == str(someone)
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('healthcare.acting')")
        assert cursor.fetchone()[0] == "{}"


def test_outside_a_clinic_nothing_answers_with_a_default():
    with pytest.raises(NoClinic):
        current_clinic()
    with pytest.raises(ProgrammingError), transaction.atomic():
        Patient.objects.count()


def test_a_failed_placing_is_raised_and_the_next_statement_places_again(north, south):
    with in_clinic(north):
        make.patient(first_name="Asta")
    broken = mock.patch.object(base, "PLACE", base.PLACE.replace("'role'", "'no such'"))
    with in_clinic(north), pytest.raises(DatabaseError), transaction.atomic():
        with in_clinic(south), broken:
            Patient.objects.count()
    with in_clinic(south):
        assert (where()[0], Patient.objects.count()) == (south.schema_name, 0)


def test_after_a_rolled_back_savepoint_the_place_is_set_anew(north, south):
    with in_clinic(north):
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            with in_clinic(south):
                Patient.objects.count()
                raise ZeroDivisionError
        assert where() == (north.schema_name, north.schema_name)


def test_leaving_a_clinic_in_a_failed_transaction_sends_nothing_and_lets_the_rollback_through(north, south):
    with in_clinic(north):
        with pytest.raises(ProgrammingError), transaction.atomic():
            with in_clinic(south), connection.cursor() as cursor:
                cursor.execute("SELECT no_such_column")
        assert where()[0] == north.schema_name


def test_the_clinics_role_cannot_read_another_clinics_schema_even_when_named(north, south):
    with in_clinic(north), pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(f'SELECT count(*) FROM "{south.schema_name}".patients_patient')


@pytest.mark.parametrize("table", ["accounts_user", "accounts_session", "accounts_membership", "stored_answer", "job"])
def test_the_clinics_role_cannot_read_people_or_sessions(in_north, table):
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT * FROM public.{table}")


def test_a_schema_that_does_not_exist_takes_no_row(north):
    ghost = Clinic(slug="ghost", name="Ghost")
    ghost.schema_name = f"clinic_{uuid.uuid4().hex}"
    with pytest.raises((ProgrammingError, InternalError, psycopg.Error, Exception)) as refused, transaction.atomic():
        with in_clinic(ghost):
            Patient(mrn="X", first_name="x").save()
    assert not isinstance(refused.value, AssertionError)


def test_an_object_read_in_one_clinic_is_not_written_in_another(north, south):
    with in_clinic(north):
        patient = make.patient()
        patient = Patient.objects.get(pk=patient.pk)
    with in_clinic(south), pytest.raises(StrayObject):
        patient.save()
    with in_clinic(north):
        patient.save()


def test_threads_begin_outside_every_clinic(north):
    seen: list[object] = []
    with in_clinic(north):
        thread = threading.Thread(target=lambda: seen.append(_or_none(current_clinic)))
        thread.start()
        thread.join()
    assert seen == [None]


def _or_none(function):
    try:
        return function()
    except NoClinic:
        return None


@pytest.mark.parametrize("name", ["north", "NORTH", lambda c: str(c.id), lambda c: c.id])
def test_a_clinic_is_found_by_slug_or_id(north, name):
    assert find_clinic(name(north) if callable(name) else name) == north


NOBODY = "019ac1f0-0000-7000-8000-000000000000"


@pytest.mark.parametrize("name", ["nowhere", "", "a" * 5000, "north'--", "public", "clinic_template", NOBODY])
def test_nothing_else_is_a_clinic(north, name):
    assert find_clinic(name) is None


def test_every_clinic_table_is_in_every_clinic_schema_and_none_is_in_public(north, south):
    from django.apps import apps
    from django.conf import settings

    wanted = {
        m._meta.db_table
        for config in apps.get_app_configs()
        if config.name in settings.TENANT_APPS
        for m in config.get_models(include_auto_created=True)
    }
    with connection.cursor() as cursor:
        cursor.execute("SELECT schemaname, tablename FROM pg_tables WHERE schemaname LIKE 'clinic%%' OR schemaname = 'public'")
        tables: dict[str, set[str]] = {}
        for schema, table in cursor.fetchall():
            tables.setdefault(schema, set()).add(table)
    for schema in (north.schema_name, south.schema_name, "clinic_template"):
        assert wanted - tables[schema] == set()
    assert wanted & tables["public"] == set()


def test_a_cloned_schema_is_like_its_template(north):
    query = """
    SELECT c.relname, string_agg(format('%%s %%s', a.attname, format_type(a.atttypid, a.atttypmod)), ',' ORDER BY a.attnum),
      (SELECT string_agg(conname || replace(pg_get_constraintdef(k.oid), %(schema)s, ''), ',' ORDER BY conname)
         FROM pg_constraint k WHERE k.conrelid = c.oid AND k.contype <> 'n'),
      (SELECT string_agg(replace(pg_get_indexdef(i.indexrelid), %(schema)s, ''), ',' ORDER BY i.indexrelid::regclass::text)
         FROM pg_index i WHERE i.indrelid = c.oid),
      (SELECT string_agg(replace(pg_get_triggerdef(t.oid), %(schema)s, ''), ',' ORDER BY tgname)
         FROM pg_trigger t WHERE t.tgrelid = c.oid AND NOT tgisinternal)
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    WHERE c.relkind = 'r' AND c.relnamespace = %(schema)s::regnamespace GROUP BY c.oid, c.relname ORDER BY c.relname
    """
    with connection.cursor() as cursor:
        found = []
        for schema in ("clinic_template", north.schema_name):
            cursor.execute("SELECT set_config('search_path', '', true)")
            cursor.execute(query, {"schema": schema})
            found.append(cursor.fetchall())
    template, clone = ([tuple(map(_without_casts, row)) for row in rows] for rows in found)
    assert template == clone and len(clone) > 10


def _without_casts(text):
    """PostgreSQL spells `(ARRAY[…])::text[]` and `ARRAY[(…)::text]` for one meaning, depending on how often it was parsed."""
    return re.sub(r"::character varying|::text|[()\[\]]", "", text or "")
