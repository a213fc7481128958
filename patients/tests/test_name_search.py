"""Does the desk find people by how their name begins, though no name is readable in the database?"""

import datetime as dt

import pytest
from django.db import connection

from healthcare.core.crypto import clinic_scope
from healthcare.core.prefix_index import sought
from healthcare.tests import make
from healthcare.tests.client import client
from patients import names
from patients.models import Patient
from patients.tasks import index_charts

pytestmark = pytest.mark.django_db


def found(who, **body):
    answer = who.post("/patients/search", body)
    assert answer.status_code == 200, answer.json()
    return [p["first_name"] for p in answer.json()["results"]]


@pytest.mark.parametrize("typed", ["as", "ASHA", "rao as", "Asha Ra", "rá"])
def test_words_may_be_cut_short_turned_around_and_typed_without_accents(api, in_north, typed):
    make.patient(first_name="Asha", last_name="Ráo")
    make.patient(first_name="Ravi", last_name="Lindqvist")
    assert "Asha" in found(api("receptionist"), name=typed)


def test_every_word_must_fit(api, in_north):
    make.patient(first_name="Asha", last_name="Rao")
    assert found(api("receptionist"), name="asha ravi") == []
    assert found(api("receptionist"), name="sha") == []


def test_who_bears_the_whole_word_comes_before_who_only_begins_with_it(api, in_north):
    for first in ("Ann", "Annika", "Anna"):
        make.patient(first_name=first, last_name="Berg")
    assert found(api("receptionist"), name="ann") == ["Ann", "Anna", "Annika"]


def test_a_date_of_birth_narrows_a_name(api, in_north):
    make.patient(first_name="Asha", date_of_birth=dt.date(1990, 2, 28))
    make.patient(first_name="Ashok", date_of_birth=dt.date(1990, 3, 1))
    assert found(api("receptionist"), name="as", date_of_birth="1990-02-28") == ["Asha"]


def test_a_changed_name_is_found_and_the_former_no_longer(api, in_north):
    desk = api("receptionist")
    chart = make.patient(first_name="Asha")
    desk.patch(f"/patients/{chart.id}", {"first_name": "Usha"})
    assert (found(desk, name="ush"), found(desk, name="ash")) == (["Usha"], [])


def test_pages_follow_each_other_without_gap_or_repetition(api, in_north):
    desk = api("receptionist")
    made = {str(make.patient(first_name="Asha", last_name=f"Rao{i}").id) for i in range(7)}
    url, seen = "/patients/search?page_size=3", []
    while url:
        page = desk.post(url, {"name": "asha"}).json()
        seen += [p["id"] for p in page["results"]]
        url = page["next"]
        assert url is None or "asha" not in url.lower()
    assert len(seen) == 7 and set(seen) == made


def test_a_search_costs_the_same_for_one_hit_as_for_three(api, in_north, django_assert_num_queries):
    """One statement finds them, one puts on record that they were looked for."""
    desk = api("receptionist")
    make.patient(first_name="Asha")
    found(desk, name="ash")
    with django_assert_num_queries(2):
        found(desk, name="ash")
    make.patient(first_name="Ashok")
    make.patient(first_name="Ashwin")
    with django_assert_num_queries(2):
        assert len(found(desk, name="ash")) == 3


def test_a_patient_who_searches_finds_the_own_chart_only(api, in_north):
    make.patient(first_name="Noora")
    assert found(api("patient"), name="noor") == ["Noor"]


def test_another_clinic_finds_nobody(api, in_north, south, member):
    make.patient(first_name="Asha")
    assert found(client(member("receptionist", clinic=south), "south"), name="asha") == []


def test_the_same_name_has_other_digests_in_another_clinic(north, south):
    words = names.typed("asha")
    mine, theirs = (sought(Patient, "name_index", words, clinic_scope(c.id)) for c in (north, south))
    assert mine != theirs


def test_no_name_is_readable_in_the_index(in_north):
    chart = make.patient(first_name="Asha", last_name="Rao")
    with connection.cursor() as cursor:
        cursor.execute("SELECT patients_patient::text FROM patients_patient WHERE id = %s", [chart.id])
        text = cursor.fetchone()[0].lower()
    assert "asha" not in text and b"asha".hex() not in text


def test_charts_from_before_the_index_are_indexed_by_a_job(api, in_north):
    chart = make.patient(first_name="Asha", date_of_birth=dt.date(1990, 2, 28))
    Patient.objects.filter(pk=chart.pk).update(name_index=None, birth_index=None)
    assert found(api("receptionist"), name="asha") == []
    index_charts()
    assert found(api("receptionist"), name="asha", date_of_birth="1990-02-28") == ["Asha"]


def test_a_chart_that_is_saved_unopened_keeps_its_index(in_north):
    chart = make.patient(first_name="Asha")
    before = chart.name_index
    fresh = Patient.objects.get(pk=chart.pk)
    fresh.sex = "female"
    fresh.save()
    assert Patient.objects.get(pk=chart.pk).name_index == before
