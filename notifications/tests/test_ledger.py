"""Does each person read their own ledger, and only that, in words that are true when they read?"""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.roles import Role
from appointments.services.rescheduling import reschedule
from healthcare.core.ids import new_id
from healthcare.core.tenancy import in_clinic
from healthcare.tests import make
from notifications.models import Notification
from notifications.tests.conftest import soon

pytestmark = pytest.mark.django_db


def ledger(client, **params):
    answer = client.get("/notifications", params)
    assert answer.status_code == 200, answer.content
    return answer.json()["results"]


def test_the_person_reads_what_they_were_told(booked, asha, api, work_off, mailoutbox):
    appointment = booked()
    work_off()
    (entry,) = ledger(api(member=asha))
    assert entry["message"] == "appointment_booked"
    assert entry["appointment"] == str(appointment.id)
    assert entry["title"].startswith("Your appointment at North Clinic on ")
    assert entry["text"].startswith("Your appointment at North Clinic is booked for ")
    assert [(c["channel"], c["state"]) for c in entry["channels"]] == [("email", "sent")]
    assert (entry["state"], entry["read_at"], entry["language"]) == ("sent", None, "en")
    assert set(entry) == {
        *("id", "message", "title", "text", "language", "state", "channels", "appointment", "created_at", "read_at")
    }


def test_it_is_there_before_any_mail_went_out(booked, asha, api):
    booked()
    (entry,) = ledger(api(member=asha))
    assert (entry["message"], entry["state"], entry["channels"]) == ("appointment_booked", "queued", [])


def test_what_was_changed_later_says_so_and_shows_no_time(booked, asha, api, work_off):
    reschedule(appointment=booked(), starts_at=soon() + dt.timedelta(hours=3), by=None, now=timezone.now())
    newest, oldest = ledger(api(member=asha))
    assert newest["text"].startswith("Your appointment at North Clinic has been moved to ")
    assert oldest["text"] == "This appointment at North Clinic was changed later; the newest message about it holds."


@pytest.mark.parametrize("role", ["patient", "receptionist", "clinic_admin", "doctor", "auditor", "super_admin"])
def test_nobody_else_sees_it(booked, api, role):
    booked()
    assert ledger(api(role)) == []


def test_another_clinic_knows_nothing_of_it(booked, asha, api, south):
    from accounts.services import people
    from healthcare.core.tenancy import on_platform

    booked()
    with on_platform():
        people.grant(user=people.User.objects.get(pk=asha.user_id), role=Role.PATIENT, clinic=south)
    assert ledger(api(member=asha, clinic="south")) == []
    assert len(ledger(api(member=asha))) == 1


def test_who_is_nobody_in_the_clinic_finds_no_clinic(booked, asha, api, south):
    booked()
    answer = api(member=asha, clinic="south").get("/notifications")
    assert (answer.status_code, answer.json()["code"]) == (404, "clinic_not_found")


def test_who_is_not_signed_in_is_told_so(api, north):
    assert api().get("/notifications").status_code == 401
    assert api().post(f"/notifications/{new_id()}/read").status_code == 401


def test_an_entry_is_read_once(booked, asha, api):
    booked()
    client = api(member=asha)
    (entry,) = ledger(client)
    first = client.post(f"/notifications/{entry['id']}/read")
    second = client.post(f"/notifications/{entry['id']}/read")
    assert (first.status_code, second.status_code) == (200, 200)
    assert first.json()["read_at"] is not None
    assert first.json() == second.json() == ledger(client)[0]
    assert ledger(client, unread="true") == []


def test_unread_entries_can_be_asked_for(booked, asha, api):
    booked()
    client = api(member=asha)
    assert len(ledger(client, unread="true")) == 1
    assert client.get("/notifications", {"unread": "maybe"}).status_code == 400


def test_another_persons_entry_and_an_unknown_one_answer_alike(booked, api):
    booked()
    theirs = Notification.objects.get().id
    client = api("patient")
    answers = [client.post(f"/notifications/{some_id}/read").json() for some_id in (theirs, new_id())]
    for answer in answers:
        answer.pop("request_id")
    assert answers[0] == answers[1]
    assert (answers[0]["status"], answers[0]["code"]) == (404, "not_found")
    assert Notification.objects.get().read_at is None


def test_an_unknown_member_in_the_body_is_refused(booked, asha, api):
    booked()
    answer = api(member=asha).post(f"/notifications/{Notification.objects.get().id}/read", {"when": "now"}, format="json")
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, "unknown")


def test_the_ledger_comes_in_pages_newest_first(booked, asha, api):
    for _ in range(3):
        booked()
    client = api(member=asha)
    first = client.get("/notifications", {"page_size": 2}).json()
    rest = client.get(first["next"]).json()
    ids = [entry["id"] for entry in (*first["results"], *rest["results"])]
    assert ids == [str(i) for i in Notification.objects.order_by("-id").values_list("id", flat=True)]
    assert rest["next"] is None


def test_the_ledger_costs_the_same_with_one_and_with_three_entries(booked, asha, api, work_off, mailoutbox):
    client, counts = api(member=asha), []
    for more in (1, 2):
        for _ in range(more):
            booked()
        work_off()
        ledger(client)  # the session's last use and the clinic are in memory now
        with CaptureQueriesContext(connection) as queries:
            rows = ledger(client)
        counts.append((len(rows), len(queries)))
    assert [rows for rows, _ in counts] == [1, 3]
    assert counts[0][1] == counts[1][1], counts


def test_staff_read_what_they_were_told_themselves(in_north, api):
    nurse = make.member(Role.NURSE, in_north)
    Notification(user_id=nurse.user_id, message="appointment_booked", language="en").save()
    (entry,) = ledger(api(member=nurse))
    assert (entry["appointment"], entry["title"], entry["text"]) == (None, "", "")


def test_a_chart_that_is_linked_later_brings_its_ledger_along(booked, in_north, api):
    chart = make.patient(email="mira@people.example")
    booked(patient=chart)
    user = make.person()
    with in_clinic(in_north):
        chart.user_id = user.id
        chart.save()
    from accounts.membership import Member
    from accounts.services import people
    from healthcare.core.tenancy import on_platform

    with on_platform():
        people.grant(user=user, role=Role.PATIENT, clinic=in_north)
    assert len(ledger(api(member=Member(user.id, in_north.id, frozenset({Role.PATIENT}))))) == 1
