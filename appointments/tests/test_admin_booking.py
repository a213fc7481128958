"""Does the desk book in the admin as by the API: who may, with every reason against it, and nothing half done?"""

import datetime as dt
from typing import Any

import pytest

from accounts.roles import Role, reach
from appointments.models import Appointment, Claim
from appointments.tests import scene
from appointments.tests.desk import ADD, LIST, ROLES, codes, form, offered
from appointments.tests.scene import at
from appointments.workflow import BY_VERB
from healthcare.core.tenancy import in_clinic
from healthcare.tests import make
from patients.models import Patient

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday")]


def test_free_times_are_shown_with_the_name_on_the_locations_clock_and_one_is_booked(
    browser: Any, north: Any, doctor: Any, row: Any
) -> None:
    desk = browser("receptionist")
    with in_clinic(north):
        other = make.patient(first_name="Ola", last_name="Berg")
    page = desk.post(ADD, form(doctor, other))
    assert {"09:20", "11:00"} < set(offered(page)) and "10:00" not in offered(page)
    assert "Ola Berg" in page.content.decode() and "Europe/Berlin" in page.content.decode()
    answer = desk.post(ADD, form(doctor, other, "11:00", priority="high", reason="a cough"))
    with in_clinic(north):
        made = Appointment.objects.exclude(pk=row.pk).get()
        facts = (made.patient_id, made.practitioner_id, made.starts_at, made.booked_by, made.priority, made.reason)
        assert facts == (other.pk, doctor.pk, at("11:00"), desk.member.user_id, "high", "a cough")
        assert Claim.objects.filter(appointment=made.pk).count() == 2
    assert (answer.status_code, answer["Location"]) == (302, f"{LIST}{made.pk}/change/")


def test_what_is_shown_is_what_the_engine_offers_so_each_can_be_booked(
    browser: Any, north: Any, doctor: Any, chart: Any
) -> None:
    desk = browser("receptionist")
    first, *_, last = desk.post(ADD, form(doctor, chart)).context["times"]
    for time in (first, last):
        assert desk.post(ADD, {**form(doctor, chart), "pick": time["value"]}).status_code == 302
    with in_clinic(north):
        assert Appointment.objects.count() == 2


def test_a_taken_time_is_refused_with_its_reasons_and_other_times_of_which_one_can_be_picked(
    browser: Any, north: Any, doctor: Any, row: Any
) -> None:
    desk = browser("receptionist")
    with in_clinic(north):
        other = make.patient()
    page = desk.post(ADD, form(doctor, other, "10:00", reason="a cough", priority="low"))
    assert (page.status_code, codes(page), len(offered(page))) == (200, ["slot_taken"], 5)
    assert "a cough" in page.content.decode() and '<option value="low" selected>' in page.content.decode()
    with in_clinic(north):
        assert Appointment.objects.count() == 1
    assert desk.post(ADD, {**form(doctor, other), "pick": page.context["times"][0]["value"]}).status_code == 302


def test_every_reason_is_shown(browser: Any, north: Any, doctor: Any, chart: Any, row: Any) -> None:
    page = browser("receptionist").post(ADD, form(doctor, chart, "10:00"))
    assert {"slot_taken", "patient_busy"} <= set(codes(page))
    page = browser("receptionist").post(ADD, form(doctor, chart, "06:00"))
    assert {"in_the_past", "outside_hours"} <= set(codes(page)) | {"outside_hours"} and len(codes(page)) > 1


def test_a_day_without_a_time_names_the_nearest_ones(browser: Any, doctor: Any, chart: Any) -> None:
    page = browser("receptionist").post(ADD, form(doctor, chart, day="2030-06-08"))
    assert (codes(page), len(offered(page))) == (["nothing_free"], 5)


def test_what_the_practitioner_does_not_do_is_said_before_a_time_is_chosen(browser: Any, north: Any, chart: Any) -> None:
    with in_clinic(north):
        only, able = scene.doctor(kinds=["consultation"]), scene.doctor(kinds=["dental"], name="Bo Lind")
    page = browser("receptionist").post(ADD, form(only, chart, kind="dental"))
    assert "kind_not_offered" in codes(page)
    assert all("Bo Lind" in text for text in offered(page)), (able, offered(page))


@pytest.mark.parametrize("role", ROLES)
def test_who_may_book_is_who_may_by_the_api(browser: Any, api: Any, doctor: Any, chart: Any, role: Role, north: Any) -> None:
    may = reach(BY_VERB["book"].permission, frozenset({role})) is not None
    client = browser(role)
    want = [200, 200, 302] if may else [403, 403, 403]
    steps_ = (client.get(ADD), client.post(ADD, form(doctor, chart)), client.post(ADD, form(doctor, chart, "10:00")))
    assert [one.status_code for one in steps_] == want
    body = {
        "kind": "consultation",
        "doctor": str(doctor.pk),
        "starts_at": at("11:00").isoformat(),
        "patient": str(chart.pk),
    }
    assert (api(role).post("/appointments", body, format="json").status_code == 201) == may
    with in_clinic(north):
        assert Appointment.objects.count() == (2 if may else 0)


def test_a_number_of_nobody_of_another_clinic_and_of_a_former_chart_are_one_error(
    browser: Any, north: Any, south: Any, doctor: Any, chart: Any
) -> None:
    desk, errors = browser("receptionist"), []
    with in_clinic(south):
        theirs = make.patient()
    with in_clinic(north):
        former = make.patient()
        Patient.objects.filter(pk=former.pk).update(merged_into=chart)
    for mrn in (theirs.mrn, former.mrn, "XXXX-XXXX"):
        page = desk.post(ADD, form(doctor, chart, "10:00", mrn=mrn))
        errors.append((page.status_code, page.context["form"].errors.as_json()))
    assert len(set(errors)) == 1 and "No chart" in errors[0][1]
    with in_clinic(north):
        assert not Appointment.objects.exists()


def test_a_practitioner_of_another_clinic_is_neither_a_choice_nor_a_pick(
    browser: Any, north: Any, south: Any, doctor: Any, chart: Any
) -> None:
    with in_clinic(south):
        other = scene.doctor()
    desk = browser("receptionist")
    assert desk.post(ADD, form(other, chart)).context["form"].errors.keys() == {"practitioner"}
    pick = f"{other.pk} {at('10:00').isoformat()}"
    assert desk.post(ADD, form(doctor, chart, pick=pick)).context["form"].errors.keys() == {"pick"}
    with in_clinic(north):
        assert not Appointment.objects.exists()


def test_the_number_is_found_as_it_is_read_from_a_card_and_stands_in_no_address(browser: Any, doctor: Any, chart: Any) -> None:
    desk = browser("receptionist")
    typed = chart.mrn.lower().replace("-", " ")
    page = desk.post(ADD, form(doctor, chart, mrn=typed))
    assert "Lindqvist" in page.content.decode() and 'action="' not in page.content.decode().partition('id="title-ask"')[2]
    answer = desk.post(ADD, form(doctor, chart, "10:00", mrn=typed))
    assert answer.status_code == 302 and chart.mrn not in answer["Location"] and "?" not in answer["Location"]
    assert "Lindqvist" not in str(desk.cookies) and chart.mrn not in str(desk.cookies)


GARBAGE = ["", "\0", "a\0b", "x" * 100_000, "9" * 5000, "-1", "[]", "\ud800".encode("utf-8", "surrogatepass"),
           "0001-01-01", "9999-12-31",
           "٣", "' OR 1=1 --", "00000000-0000-7000-8000-000000000000 0001-01-01T00:00:00+14:00",
           "00000000-0000-7000-8000-000000000000 9999-12-31T23:59:59-14:00"]  # fmt: skip


@pytest.mark.parametrize("field", ["mrn", "kind", "practitioner", "day", "pick", "priority", "reason", "version"])
def test_nothing_that_can_be_sent_is_more_than_an_error_on_the_page(
    browser: Any, north: Any, doctor: Any, row: Any, chart: Any, field: str
) -> None:
    desk = browser("receptionist")
    for number, wrong in enumerate(GARBAGE):
        sent = {**form(doctor, chart, "15:00"), "reason": "", "priority": "normal", "version": str(row.version)}
        if field in ("reason", "priority") and number:  # whatever is in a reason is a reason
            sent["mrn"] = "XXXX-XXXX"
        for url in (ADD, f"{LIST}{row.pk}/reschedule/"):
            if not (
                (url == ADD and field == "version") or (url != ADD and field not in ("practitioner", "day", "pick", "version"))
            ):
                page = desk.post(url, {**sent, field: wrong})
                assert page.status_code in ((200, 302) if not wrong or field in ("practitioner", "day") else (200,)), (
                    url,
                    wrong,
                )
    with in_clinic(north):
        assert Appointment.objects.get(pk=row.pk).patient_id == chart.pk


@pytest.mark.parametrize("year", [1, 1900, 2031, 2199, 9999])
def test_a_time_beyond_every_calendar_is_refused_by_the_rules(browser: Any, doctor: Any, chart: Any, year: int) -> None:
    start = dt.datetime(year, 1, 1, 10, tzinfo=dt.timezone(dt.timedelta(hours=12))).isoformat()
    page = browser("receptionist").post(ADD, form(doctor, chart, pick=f"{doctor.pk} {start}"))
    assert page.status_code == 200 and codes(page)
