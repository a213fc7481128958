"""Who opens charts, who sees them, and what does a search give away?"""

import pytest

from healthcare.tests import make
from healthcare.tests.client import client

pytestmark = pytest.mark.django_db
BODY = {"first_name": "Ağça", "last_name": "李", "phone": "+4915112345678", "email": "A@x.example", "sex": "female"}


def test_the_desk_enters_a_chart_and_reads_it(api):
    desk = api("receptionist")
    made = desk.post("/patients", BODY)
    assert made.status_code == 201
    read = desk.get(f"/patients/{made.json()['id']}")
    assert (read.json()["first_name"], read.json()["last_name"], read["ETag"]) == ("Ağça", "李", '"1"')


@pytest.mark.parametrize("role", ["auditor", "support", "data_analyst", "billing_specialist", "patient"])
def test_others_do_not_enter_charts(api, role):
    answer = api(role).post("/patients", BODY)
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")


@pytest.mark.parametrize("role", ["auditor", "support", "data_analyst", "system_admin"])
def test_roles_without_charts_see_none(api, role):
    assert api(role).get("/patients").status_code == 403


def test_a_patient_sees_the_own_chart_only(api, in_north):
    other = make.patient()
    who = api("patient")
    assert [p["first_name"] for p in who.get("/patients").json()["results"]] == ["Noor"]
    assert who.get(f"/patients/{other.id}").status_code == 404


@pytest.mark.parametrize("criterion", [{"phone": "+49 151 12345678"}, {"email": "a@X.example"}])
def test_a_search_finds_by_exact_contact(api, criterion):
    desk = api("receptionist")
    desk.post("/patients", BODY)
    desk.post("/patients", {"first_name": "Other", "phone": "+4915112345679"})
    found = desk.post("/patients/search", criterion).json()["results"]
    assert [p["first_name"] for p in found] == ["Ağça"]


def test_a_search_finds_by_record_number_in_any_case(api, in_north):
    patient = make.patient()
    assert len(api("receptionist").post("/patients/search", {"mrn": patient.mrn.lower()}).json()["results"]) == 1


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"mrn": "x", "phone": "+4915112345678"},
        {"name": "!?"},
        {"nom": "x"},
        {"date_of_birth": "1990-01-01"},
        {"phone": "12"},
    ],
)
def test_a_search_that_makes_no_sense_is_a_400(api, body):
    assert api("receptionist").post("/patients/search", body).status_code == 400


def test_the_list_costs_the_same_for_one_patient_as_for_three(api, in_north, django_assert_num_queries):
    desk = api("receptionist")
    make.patient()
    desk.get("/patients")
    with django_assert_num_queries(1):
        desk.get("/patients")
    for _ in range(2):
        make.patient()
    desk.get("/patients")  # that they were looked at is put on record once
    with django_assert_num_queries(1):
        assert len(desk.get("/patients").json()["results"]) == 3


def test_a_stale_correction_is_refused(api):
    desk = api("receptionist")
    chart = f"/patients/{desk.post('/patients', BODY).json()['id']}"
    assert desk.patch(chart, {"last_name": "Li"}, headers={"If-Match": '"1"'}).json()["version"] == 2
    assert desk.patch(chart, {"last_name": "Lee"}, headers={"If-Match": '"1"'}).status_code == 412


def test_another_clinics_chart_looks_like_an_unknown_one(api, member, north, south):
    chart = api("receptionist").post("/patients", BODY).json()["id"]
    stranger = client(member("receptionist", clinic=south), "south")
    answers = [stranger.get(f"/patients/{i}").json() for i in (chart, "0192f0c1-2345-7abc-8def-0123456789ab")]
    assert all(a.pop("request_id") for a in answers)
    assert answers[0] == answers[1] and answers[0]["code"] == "not_found"
