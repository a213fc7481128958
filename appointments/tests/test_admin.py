"""What does staff see and change in the admin, and what does a change owe?"""

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from appointments.models import Practitioner, ScheduleException, WeeklyTemplate
from appointments.tests import scene
from appointments.tests.scene import at, booked
from healthcare.core.models import Job
from healthcare.core.tenancy import in_clinic, on_platform
from healthcare.tests import make

pytestmark = pytest.mark.django_db
LIST, CARDS = "/admin/appointments/appointment/", "/admin/appointments/practitioner/"


@pytest.fixture
def row(north: Any) -> Any:
    with in_clinic(north):
        return booked(scene.doctor(), make.patient(last_name="Lindqvist"), at("10:00"), reason="a headache")


def test_the_desk_sees_the_list_by_day_finds_by_mrn_and_reads_no_reason(browser: Any, row: Any, north: Any) -> None:
    desk = browser("receptionist")
    with in_clinic(north):
        mrn = row.patient.mrn
    found = desk.get(LIST, {"q": mrn, "starts_at__year": 2030, "starts_at__month": 6, "starts_at__day": 3})
    page = desk.get(f"{LIST}{row.pk}/change/").content
    assert (found.status_code, b"Lindqvist" in found.content, b"Lindqvist" in desk.get(LIST, {"q": "XXXX-XXXX"}).content) == (
        200,
        True,
        False,
    )
    assert (b"a headache" in page, b"scheduled" in page, b'name="_save"' in page) == (False, True, False)


def test_nobody_changes_an_appointment_past_the_verbs_or_deletes_it_here(browser: Any, row: Any) -> None:
    chief = browser("clinic_admin")
    assert chief.get(f"{LIST}{row.pk}/delete/").status_code == 403
    assert chief.post(f"{LIST}{row.pk}/change/", {"state": "completed"}).status_code == 403


def test_a_doctor_sees_only_their_own_and_an_auditor_none(browser: Any, row: Any) -> None:
    assert b"Lindqvist" not in browser("doctor").get(LIST).content
    assert browser("auditor").get(LIST).status_code == 403


def test_the_list_costs_the_same_for_one_row_and_for_three(browser: Any, row: Any, north: Any) -> None:
    desk, costs = browser("receptionist"), []
    for starts in ((), ("11:00", "12:00")):
        with in_clinic(north):
            for start in starts:
                booked(row.practitioner, make.patient(), at(start))
        for _ in range(2):  # the first visit notes the sign-in's use, and so ends in another schema than later ones
            desk.get(LIST)
        with CaptureQueriesContext(connection) as seen:
            desk.get(LIST)
        costs.append(len(seen))
    assert costs[0] == costs[1]


def card(doctor: Practitioner | None = None, **changes: Any) -> dict[str, Any]:
    """The page of a card as a browser sends it, with one period of hours and one leave."""
    sent = {
        "name": "Ada Marsh", "title": "Dr", "profession": "doctor", "speciality": "", "languages": "[]", "room": "2",
        "kinds": ["consultation"], "is_active": "on", "capacity": "1", "slot_minutes": "10", "buffer_minutes": "0",
        "notice_minutes": "0",
        "weekly-TOTAL_FORMS": "1", "weekly-INITIAL_FORMS": "0", "weekly-0-weekday": "0", "weekly-0-opens": "09:00",
        "weekly-0-closes": "12:00", "exceptions-TOTAL_FORMS": "1", "exceptions-INITIAL_FORMS": "0",
        "exceptions-0-effect": "leave", "exceptions-0-during_0": "2030-06-03T09:00",
        "exceptions-0-during_1": "2030-06-04T09:00",
    }  # fmt: skip
    if doctor:
        sent |= {"location_id": str(doctor.location_id)}
    return {**sent, **changes}


def test_who_manages_practitioners_keeps_cards_hours_and_leave_and_owes_a_refresh(browser: Any, north: Any) -> None:
    with in_clinic(north):
        doctor = scene.doctor(weekly=[])
    answer = browser("clinic_admin").post(f"{CARDS}{doctor.pk}/change/", card(doctor))
    assert answer.status_code == 302, answer.context["errors"]
    with in_clinic(north):
        kept = Practitioner.objects.get(pk=doctor.pk)
        assert (kept.name, kept.room, kept.kinds) == ("Ada Marsh", "2", ["consultation"])
        assert list(WeeklyTemplate.objects.values_list("weekday", "opens")) == [(0, dt.time(9))]
        assert ScheduleException.objects.get().effect == "leave"
    with on_platform():
        assert (
            Job.objects.filter(name="availability.refresh_practitioner", args={"practitioner_id": str(doctor.pk)}).count() == 1
        )


def test_a_new_card_can_be_entered_and_faults_are_shown(browser: Any, north: Any) -> None:
    with in_clinic(north):
        doctor = scene.doctor()
    chief = browser("clinic_admin")
    assert chief.get(f"{CARDS}add/").status_code == 200
    faulty = chief.post(f"{CARDS}add/", card(doctor, location_id="00000000-0000-0000-0000-000000000000", slot_minutes="0"))
    assert (faulty.status_code, set(faulty.context["adminform"].form.errors)) == (200, {"location_id", "__all__"})
    assert chief.post(f"{CARDS}add/", card(doctor, name="Bo Lind")).status_code == 302
    with in_clinic(north):
        assert Practitioner.objects.filter(name="Bo Lind").count() == 1


def test_the_desk_looks_at_cards_and_changes_none(browser: Any, north: Any) -> None:
    with in_clinic(north):
        doctor = scene.doctor()
    desk = browser("receptionist")
    assert desk.get(f"{CARDS}{doctor.pk}/change/").status_code == 200
    assert desk.post(f"{CARDS}{doctor.pk}/change/", card(doctor)).status_code == 403
