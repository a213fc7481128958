"""Who may read the trail, and what do they get?"""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from healthcare.core.ids import new_id
from healthcare.core.tenancy import in_clinic, on_platform
from healthcare.tests import make
from monitoring.models import PlatformAuditEntry
from monitoring.trail.models import ClinicAuditEntry
from monitoring.trail.writing import record

pytestmark = pytest.mark.django_db


def results(client: Any, **asked: str) -> list[dict[str, Any]]:
    answer = client.get("/audit/events", asked)
    assert answer.status_code == 200, answer.content
    return json.loads(answer.content)["results"]  # type: ignore[no-any-return]


@pytest.mark.parametrize("role", ["auditor", "compliance_officer"])
def test_auditors_read_the_trail(role: str, api: Any, north: Any):
    with in_clinic(north):
        record("access", "patients.patient", "p-1", actor=new_id())
    (event,) = results(api(role))
    assert set(event) == {
        *("id", "at", "action", "object_type", "object_id", "actor", "actor_kind"),
        *("session", "request_id", "address", "purpose", "subjects", "changes"),
    }


@pytest.mark.parametrize("role", ["receptionist", "doctor", "clinic_admin", "patient", "super_admin", "data_analyst"])
def test_others_do_not(role: str, api: Any):
    answer = api(role).get("/audit/events")
    assert (answer.status_code, json.loads(answer.content)["code"]) == (403, "forbidden")


def test_before_there_were_ids_there_is_nothing(api: Any):
    auditor = api("auditor")
    assert results(auditor, to="0001-01-02T00:00:00Z") == results(auditor, to="1347-08-07T04:00:00Z") == []
    results(auditor, **{"from": "1347-08-07T04:00:00Z", "to": "9999-12-30T00:00:00Z"})


def test_a_stranger_to_the_clinic_sees_no_clinic(api: Any, member: Any, south: Any):
    stranger = api(member=member("auditor", clinic=south), clinic="north")
    assert stranger.get("/audit/events").status_code == 404


def test_a_chart_entered_over_the_api_is_on_record_by_the_caller_without_its_words(api: Any):
    desk = api("receptionist")
    made = json.loads(desk.post("/patients", {"first_name": "Zubeida", "last_name": "Okonkwo"}).content)
    desk.patch(f"/patients/{made['id']}", {"last_name": "Okafor"})
    found = results(api("auditor"), object_id=made["id"])
    assert [(e["action"], e["object_type"], e["actor"]) for e in found] == [
        ("update", "patients.patient", str(desk.member.user_id)),
        ("create", "patients.patient", str(desk.member.user_id)),
    ]
    assert found[0]["changes"] == {"last_name": ["•", "•"]}
    assert [w for w in ("Zubeida", "Okonkwo", "Okafor") if w in json.dumps(found)] == []


def test_filters_narrow_each_other(api: Any, north: Any):
    someone, now = new_id(), timezone.now()
    with in_clinic(north):
        record("access", "patients.patient", "p-1", actor=someone)
        record("export", "patients.patient", "p-1", actor=someone)
        record("access", "appointments.appointment", "a-1")
    auditor = api("auditor")
    assert len(results(auditor, object_id="p-1")) == 2
    assert len(results(auditor, object_id="p-1", action="export")) == 1
    assert len(results(auditor, object_type="appointments.appointment")) == 1
    assert len(results(auditor, actor=str(someone))) == 2
    assert results(auditor, to=(now - timedelta(hours=1)).isoformat()) == []
    assert len(results(auditor, **{"from": (now - timedelta(hours=1)).isoformat(), "object_id": "p-1"})) == 2


@pytest.mark.parametrize(
    ("name", "value"),
    [("actor", "x"), ("action", "forget"), ("from", "yesterday"), ("to", "9" * 40), ("object_id", "a b"), ("object_type", "'")],
)
def test_a_filter_that_makes_no_sense_is_refused(name: str, value: str, api: Any):
    answer = api("auditor").get("/audit/events", {name: value})
    body = json.loads(answer.content)
    assert (answer.status_code, body["code"], body["errors"][0]["field"]) == (400, "invalid", name)


def test_reading_the_trail_is_on_the_trail(api: Any):
    auditor = api("auditor")
    results(auditor)
    (event,) = results(auditor, action="search")
    assert (event["object_type"], event["actor"]) == ("trail.clinicauditentry", str(auditor.member.user_id))


def test_a_page_costs_the_same_for_one_row_and_for_three(api: Any, north: Any):
    auditor, counts = api("auditor"), []
    results(auditor)
    for _ in (1, 2):
        with in_clinic(north):
            record("access", "patients.patient", "p-1")
        with CaptureQueriesContext(connection) as queries:
            results(auditor)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_pages_go_on_by_cursor(api: Any, north: Any):
    with in_clinic(north):
        for i in range(3):
            record("access", "patients.patient", f"p-{i}")
    auditor = api("auditor")
    first = json.loads(auditor.get("/audit/events", {"page_size": "2", "action": "access"}).content)
    second = json.loads(auditor.get(first["next"]).content)
    assert [e["object_id"] for e in first["results"] + second["results"]] == ["p-2", "p-1", "p-0"]


def test_a_refusal_inside_the_clinic_is_on_its_trail(api: Any, north: Any):
    desk = api("receptionist")
    desk.get("/audit/events")
    desk.get(f"/patients/{(unknown := new_id())}")
    with in_clinic(north):
        refused = ClinicAuditEntry.objects.filter(action="refused").order_by("id")
        found = list(refused.values_list("object_type", "object_id", "changes"))
    assert found == [
        ("GET audit/events", "", {"status": [None, 403]}),
        ("GET patients/<uuid:patient_id>", str(unknown), {"status": [None, 404]}),
    ]


def test_what_a_stranger_asks_of_a_clinic_is_on_the_platforms_trail(api: Any, member: Any, north: Any, south: Any):
    stranger = api(member=member("nurse", clinic=south), clinic="north")
    stranger.get("/patients")
    with on_platform():
        (entry,) = PlatformAuditEntry.objects.filter(action="refused")
    assert (entry.actor, entry.clinic_id, entry.object_type) == (stranger.member.user_id, north.id, "GET patients")
    with in_clinic(north):
        assert ClinicAuditEntry.objects.filter(action="refused").count() == 0


def test_what_nobody_asks_is_no_entry(api: Any):
    api().get("/patients")
    api().get("/nowhere/Zubeida")
    with on_platform():
        assert PlatformAuditEntry.objects.filter(action="refused").count() == 0


def test_signing_in_failing_to_and_leaving_are_on_record_without_the_identifier(api: Any, north: Any):
    user = make.person(email="zubeida@people.example")
    client = api(clinic=None)
    for password in ("wrong-wrong-wrong", make.PASSWORD):
        answer = client.post("/auth/login", {"identifier": "zubeida@people.example", "password": password})
    token = json.loads(answer.content)["access"]
    client.post("/auth/logout", HTTP_AUTHORIZATION=f"Bearer {token}")
    with on_platform():
        found = list(PlatformAuditEntry.objects.filter(object_type="accounts.session").order_by("id"))
    assert [(e.action, e.actor, e.actor_kind) for e in found] == [
        ("refused", None, "visitor"),
        ("login", user.id, "person"),
        ("logout", user.id, "person"),
    ]
    assert len(found[0].object_id) == 32
    assert "zubeida" not in json.dumps([e.changes for e in found]) + found[0].object_id


def test_who_signs_up_is_the_actor_of_their_own_chart(api: Any, north: Any):
    body = {"email": "new@people.example", "password": "Long-enough-word-1", "first_name": "Zubeida", "last_name": "O"}
    made = json.loads(api().post("/auth/register", body, headers={"X-Clinic-ID": "north"}).content)
    with in_clinic(north):
        (entry,) = ClinicAuditEntry.objects.filter(object_type="patients.patient")
    assert str(entry.actor) == made["user"]["id"]


def test_a_role_that_is_given_is_on_record_once(north: Any):
    from accounts.services.people import grant

    user = make.person()
    for _ in (1, 2):
        grant(user=user, role="nurse", clinic=north)  # type: ignore[arg-type]
    with on_platform():
        (entry,) = PlatformAuditEntry.objects.filter(object_type="accounts.membership")
    assert (entry.action, entry.clinic_id, entry.changes["role"]) == ("create", north.id, [None, "nurse"])
