"""Does the desk hand an appointment to a colleague in the admin as by the API: who may, as it was shown, with every reason?"""

import re
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.roles import Reach, Role, reach
from appointments.models import Appointment, Claim, Transition
from appointments.services import steps
from appointments.services.handing_over import reassign
from appointments.tests import scene
from appointments.tests.desk import LIST, codes, move, now_is, offered
from appointments.tests.scene import NOW, at, booked
from appointments.workflow import BY_VERB
from clinics.services.places import add_location
from healthcare.core.tenancy import in_clinic, on_platform
from healthcare.tests import make

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday")]


def url(row: Any) -> str:
    return f"{LIST}{row.pk}/hand-over/"


@pytest.fixture
def other(north: Any, doctor: Any) -> Any:
    with in_clinic(north):
        return scene.doctor(name="Bo Lind", location_id=doctor.location_id)


def choices(page: Any) -> list[str]:
    return re.findall(r'<option value="[0-9a-f-]{36}">([^<]+)<', page.content.decode())


def test_the_page_of_one_leads_there_and_offers_those_who_offer_the_kind_first_those_at_the_same_place(
    browser: Any, north: Any, row: Any, other: Any
) -> None:
    with on_platform():
        away = add_location(clinic=north, by=None, name="Mill Lane").pk
    with in_clinic(north):
        scene.doctor(name="Al Far", location_id=away)
        scene.doctor(name="Cy Teeth", location_id=other.location_id, kinds=["dental"])
        scene.doctor(name="Di Gone", location_id=other.location_id, is_active=False)
    desk = browser("receptionist")
    assert url(row) in desk.get(f"{LIST}{row.pk}/change/").content.decode()
    page = desk.get(url(row))
    assert choices(page) == ["Bo Lind", "Al Far, Mill Lane"] and "Lindqvist" in page.content.decode()


def test_reassigned_it_keeps_time_id_and_history(browser: Any, north: Any, row: Any, other: Any) -> None:
    desk = browser("nurse")
    answer = desk.post(url(row), move(other, row, how="reassign"))
    assert (answer.status_code, answer["Location"]) == (302, f"{LIST}{row.pk}/change/")
    after = now_is(north, row)
    assert (after.practitioner_id, after.starts_at, after.state) == (other.pk, at("10:00"), "scheduled")
    with in_clinic(north):
        assert Transition.objects.get(appointment=row, verb="reassign").by == desk.member.user_id


@pytest.mark.parametrize(("how", "start", "begins"), [("", "15:00", "15:00"), ("next", "", "09:00")])
def test_transferred_it_ends_here_and_goes_on_there(
    browser: Any, north: Any, row: Any, other: Any, how: str, start: str, begins: str
) -> None:
    desk = browser("receptionist")
    if not how:
        assert "15:00" in offered(desk.post(url(row), move(other, row)))
    answer = desk.post(url(row), move(other, row, start, how=how))
    after = now_is(north, row)
    with in_clinic(north):
        successor = Appointment.objects.get(pk=after.transferred_to_id)
        facts = (after.state, successor.practitioner_id, successor.starts_at, successor.booked_by)
        assert facts == ("transferred", other.pk, at(begins), desk.member.user_id)
        assert set(Claim.objects.values_list("appointment", flat=True)) == {successor.pk}
    assert answer["Location"] == f"{LIST}{successor.pk}/change/"


def test_a_patient_who_is_here_goes_on_with_a_colleague_and_keeps_no_time(
    browser: Any, north: Any, doctor: Any, other: Any
) -> None:
    with in_clinic(north):
        here = booked(doctor, make.patient(), at("09:30"))
        steps.check_in(appointment=here, by=None, now=NOW)
    desk, here = browser("receptionist"), now_is(north, here)
    assert 'value="reassign"' not in desk.get(url(here)).content.decode()
    assert codes(desk.post(url(here), move(other, here, how="reassign"))) == ["wrong_state"]
    assert desk.post(url(here), move(other, here, how="next")).status_code == 302
    assert now_is(north, here).state == "transferred"


@pytest.mark.parametrize("how", ["reassign", ""])
def test_a_refusal_says_every_reason_and_offers_times_of_colleagues_and_nothing_is_done(
    browser: Any, north: Any, chart: Any, doctor: Any, row: Any, other: Any, how: str
) -> None:
    with in_clinic(north):
        booked(other, make.patient(), at("10:00"))
        booked(scene.doctor(name="Third"), chart, at("11:00"))
        booked(other, make.patient(), at("11:00"))
    desk, start = browser("receptionist"), "" if how else "11:00"
    page = desk.post(url(row), move(other, row, start, how=how))
    assert set(codes(page)) == ({"slot_taken"} if how else {"slot_taken", "patient_busy"})
    assert offered(page) and all("Ada Marsh" not in text for text in offered(page))
    after = now_is(north, row)
    assert (after.state, after.practitioner_id, after.version) == ("scheduled", doctor.pk, row.version)
    pick = page.context["times"][0]["value"]
    assert desk.post(url(row), move(other, row, pick=pick)).status_code == 302


@pytest.mark.parametrize(("how", "start"), [("reassign", ""), ("next", ""), ("", ""), ("", "15:00")])
def test_what_somebody_changed_since_it_was_shown_is_shown_anew(
    browser: Any, north: Any, doctor: Any, row: Any, other: Any, how: str, start: str
) -> None:
    with in_clinic(north):
        steps.confirm(appointment=row, by=None, now=NOW)
    page = browser("receptionist").post(url(row), move(other, row, start, how=how))
    after = now_is(north, row)
    assert (codes(page), after.practitioner_id, after.state) == (["stale_write"], doctor.pk, "confirmed")
    assert f'name="version" value="{after.version}"' in page.content.decode()


def test_what_is_over_cannot_be_handed_over_and_the_page_says_so(browser: Any, north: Any, row: Any, other: Any) -> None:
    with in_clinic(north):
        steps.cancel(appointment=row, by=None, now=NOW)
    desk, after = browser("receptionist"), now_is(north, row)
    assert "be handed over any more" in desk.get(url(row)).content.decode()
    for how in ("reassign", "next", ""):
        assert codes(desk.post(url(row), move(other, after, how=how))) == ["wrong_state"]


def test_who_may_hand_over_is_who_may_by_the_api(browser: Any, north: Any, row: Any, other: Any) -> None:
    for role in (Role.CLINIC_ADMIN, Role.MEDICAL_ASSISTANT, Role.AUDITOR, Role.DOCTOR, Role.THERAPIST, Role.SUPER_ADMIN):
        before, client = now_is(north, row), browser(role)
        may = reach(BY_VERB["transfer"].permission, frozenset({role}))
        want = 403 if may is None else 200 if may is Reach.ALL else 404  # of a doctor's it is none
        assert client.get(url(row)).status_code == want, role
        for how in ("reassign", "next", ""):
            answer = client.post(url(row), move(other, before, "15:00", how=how))
            assert answer.status_code == (want if want != 200 else 302 if how == "reassign" else 200), (role, how)
        assert (now_is(north, row).version != before.version) == (want == 200), role
        if want == 200:
            with in_clinic(north):
                reassign(appointment=now_is(north, row), practitioner=before.practitioner, by=None, now=NOW)


def test_a_doctor_hands_over_their_own_and_is_led_where_they_may_look(
    browser: Any, north: Any, chart: Any, doctor: Any, other: Any
) -> None:
    client = browser("doctor")
    with in_clinic(north):
        type(doctor).objects.filter(pk=doctor.pk).update(user=client.member.user_id)
        own = booked(doctor, chart, at("10:00"))
    assert client.post(url(own), move(other, own, how="reassign"), follow=True).status_code == 200
    assert now_is(north, own).practitioner_id == other.pk


def test_neither_the_one_it_is_with_nor_of_another_clinic_nor_who_does_not_offer_it_is_a_choice(
    browser: Any, north: Any, south: Any, doctor: Any, row: Any
) -> None:
    with in_clinic(south):
        theirs = scene.doctor()
    with in_clinic(north):
        dentist = scene.doctor(kinds=["dental"])
    desk = browser("receptionist")
    for who in (doctor, theirs, dentist):
        for how in ("reassign", "next"):
            page = desk.post(url(row), move(who, row, how=how))
            assert "practitioner" in page.context["form"].errors
        assert "pick" in desk.post(url(row), move(who, row, "15:00")).context["form"].errors
    assert now_is(north, row).version == row.version


def test_of_another_clinic_unknown_and_malformed_ids_answer_alike(browser: Any, south: Any, other: Any) -> None:
    with in_clinic(south):
        theirs = booked(scene.doctor(), make.patient(), at("10:00"))
    desk = browser("receptionist")
    for name in (str(theirs.pk), "00000000-0000-7000-8000-000000000000", "nonsense"):
        for answer in (desk.get(f"{LIST}{name}/hand-over/"), desk.post(f"{LIST}{name}/hand-over/", move(other, theirs))):
            assert answer.status_code == 404, name


@pytest.mark.parametrize("wrong", ["transfer", "\0", "9" * 5000])
def test_a_way_that_no_page_of_ours_sends_does_nothing(browser: Any, north: Any, row: Any, other: Any, wrong: str) -> None:
    page = browser("receptionist").post(url(row), move(other, row, "15:00", how=wrong))
    assert page.status_code == 200 and page.context["form"].faults()
    assert now_is(north, row).version == row.version


def test_the_pages_cost_the_same_for_one_colleague_and_for_four(browser: Any, north: Any, row: Any, other: Any) -> None:
    desk, costs = browser("receptionist"), []
    for more in (0, 3):
        with in_clinic(north):
            for _ in range(more):
                scene.doctor()
        asked = (lambda: desk.get(url(row)), lambda: desk.post(url(row), move(other, row)))
        costs.append([min(_queries(ask) for _ in range(3)) for ask in asked])
    assert costs[0] == costs[1]


def _queries(ask: Any) -> int:
    with CaptureQueriesContext(connection) as seen:
        assert ask().status_code == 200
    return len(seen)
