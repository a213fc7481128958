"""Does the desk say why when it cancels in the admin, and is cancelled what was shown, nothing else?"""

from typing import Any

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext

from accounts import signed_in
from appointments.models import Appointment, Claim, Transition
from appointments.services import rescheduling, steps
from appointments.tests.desk import LIST, ROLES, cancelled, chosen, now_is, page_of
from appointments.tests.scene import NOW, at, booked
from appointments.workflow import BY_VERB
from healthcare.core.tenancy import in_clinic
from healthcare.tests import make

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday")]


@pytest.fixture
def two(north: Any, doctor: Any) -> list[Appointment]:
    with in_clinic(north):
        return [booked(doctor, make.patient(last_name=name), at(start)) for name, start in (("Ek", "10:00"), ("Alm", "11:00"))]


def test_choosing_cancels_nothing_yet_and_shows_what_would_be(browser: Any, north: Any, two: list[Appointment]) -> None:
    page = page_of(browser("receptionist"), *two)
    text = page.content.decode()
    assert all(word in text for word in ("Ek", "Alm", two[0].patient.mrn, "Mon 3 June, 10:00", "Cancel all 2", "<textarea"))
    assert [now_is(north, row).state for row in two] == ["scheduled", "scheduled"]


@pytest.mark.parametrize("reason", ["", "The doctor is ill.\r\nCall again."])
def test_all_are_cancelled_with_the_one_reason_as_by_the_api(
    browser: Any, north: Any, two: list[Appointment], reason: str
) -> None:
    desk = browser("receptionist")
    assert cancelled(desk, page_of(desk, *two), reason) == ["Cancelled: 2."]
    with in_clinic(north):
        rows = Appointment.objects.filter(pk__in=[row.pk for row in two])
        assert {(row.state, str(row.cancel_reason).replace("\r\n", "\n")) for row in rows} == {
            ("cancelled", reason.replace("\r\n", "\n"))
        }
        assert {step.by for step in Transition.objects.filter(verb="cancel")} == {desk.member.user_id}
        assert not Claim.objects.exists()


@pytest.mark.parametrize("wrong", ["x" * 2001, "a\0b"])
def test_a_reason_that_the_api_would_refuse_is_asked_for_anew(
    browser: Any, north: Any, two: list[Appointment], wrong: str
) -> None:
    desk = browser("receptionist")
    sent = {"seen": page_of(desk, *two).context["seen"], "reason": wrong}
    answer = page_of(desk, *two, **sent)
    assert (answer.status_code, "reason" in answer.context["form"].errors) == (200, True)
    assert [now_is(north, row).state for row in two] == ["scheduled", "scheduled"]


@pytest.mark.parametrize("wrong", ["nonsense", "\0", "x:1", "9" * 5000])
def test_what_no_page_of_ours_carries_cancels_nothing(browser: Any, north: Any, row: Any, wrong: str) -> None:
    answer = page_of(browser("receptionist"), row, seen=wrong)
    assert (answer.status_code, now_is(north, row).state) == (200, "scheduled")


def test_what_was_moved_since_it_was_shown_is_refused_and_the_others_are_cancelled(
    browser: Any, north: Any, two: list[Appointment]
) -> None:
    desk = browser("receptionist")
    page = page_of(desk, *two)
    with in_clinic(north):
        rescheduling.reschedule(appointment=two[0], starts_at=at("15:00"), by=None, now=NOW)
    told = cancelled(desk, page)
    assert len(told) == 2 and "changed since you read it" in told[0] and told[1] == "Cancelled: 1."
    assert [now_is(north, row).state for row in two] == ["scheduled", "cancelled"]


def test_what_left_the_filtered_list_meanwhile_is_told_and_left(browser: Any, north: Any, two: list[Appointment]) -> None:
    desk = browser("receptionist")
    page = page_of(desk, *two)
    with in_clinic(north):
        steps.confirm(appointment=two[0], by=None, now=NOW)
    told = cancelled(desk, page, path=f"{LIST}?state__exact=scheduled")
    assert told == ["Changed since they were shown, and left as they are: 1.", "Cancelled: 1."]
    assert now_is(north, two[0]).state == "confirmed"


def test_what_cannot_be_cancelled_any_more_is_shown_as_staying(browser: Any, north: Any, two: list[Appointment]) -> None:
    with in_clinic(north):
        steps.cancel(appointment=two[0], by=None, now=NOW)
    desk = browser("receptionist")
    page = page_of(desk, *two)
    assert "cancelled: stays" in page.content.decode()
    assert cancelled(desk, page) == ["Cancelled: 1."]
    assert "None of these can be cancelled" in chosen(desk, "cancel", *two)[0]


def test_only_who_may_by_the_api_is_asked_and_answered(browser: Any, north: Any, row: Any) -> None:
    for role in ROLES:
        desk = browser(role)
        page = page_of(desk, row)
        asked = page.context is not None and "seen" in page.context
        assert asked == (desk.member.may(BY_VERB["cancel"].permission) and role != "doctor"), role  # of a doctor's it is none
        if not asked:
            page_of(desk, row, seen=f"{row.pk}:{row.version}")
            assert now_is(north, row).state == "scheduled", role


def test_more_than_one_waits_for_are_not_begun(browser: Any, north: Any, two: list[Appointment], monkeypatch: Any) -> None:
    monkeypatch.setattr("appointments.admin_cancelling.AT_ONCE", 1)
    assert chosen(browser("receptionist"), "cancel", *two) == ["Cancel at most 1 at once; nothing was done."]
    assert now_is(north, two[0]).state == "scheduled"


def test_the_page_costs_the_same_for_one_and_for_three(browser: Any, north: Any, doctor: Any) -> None:
    with in_clinic(north):
        rows = [booked(doctor, make.patient(), at(f"{hour}:00")) for hour in (10, 11, 12)]
    desk = browser("receptionist")
    page_of(desk, *rows)  # whose look at whom is on record from here
    counts = []
    for chosen_ in (rows[:1], rows):
        signed_in.forget()  # what is remembered for a second may have been, or not
        with CaptureQueriesContext(connections["default"]) as seen:
            page_of(desk, *chosen_)
        counts.append(len(seen))
    assert counts[0] == counts[1]
