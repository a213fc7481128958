"""Are series, group sessions and an emergency's room asked for in the admin as by the API: once, or not at all and why?"""

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.roles import Role, reach
from appointments.admin_beginning import rule_of
from appointments.models import Appointment, Claim, GroupSession, Occurrence, Override, Series
from appointments.slots.rules import Rule
from appointments.tests import scene
from appointments.tests.desk import ROLES, codes
from appointments.tests.scene import at, booked
from healthcare.core.ids import new_id
from healthcare.core.tenancy import in_clinic
from healthcare.tests import make

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday")]
SERIES, GROUPS, OVERRIDES = (f"/admin/appointments/{name}/add/" for name in ("series", "groupsession", "override"))
NEEDS = {SERIES: "appointment.book", GROUPS: "group.manage", OVERRIDES: "appointment.ask_override"}
MADE: dict[str, Any] = {SERIES: Series, GROUPS: GroupSession, OVERRIDES: Override}


def sent(url: str, doctor: Any, chart: Any, **more: str) -> dict[str, str]:
    when = {"kind": "consultation", "practitioner": str(doctor.pk), "day": "2030-06-03", "clock": "10:00"}
    own = {
        SERIES: {"mrn": chart.mrn, "often": "1", "count": "3"},
        GROUPS: {"seats": "4", "title": "Breathing"},
        OVERRIDES: {"mrn": chart.mrn, "priority": "emergency", "reason": "a burn"},
    }
    return {"once": str(new_id()), **when, **own[url], **more}


def number(clinic: Any, url: str) -> int:
    with in_clinic(clinic):
        return int(MADE[url].objects.count())


@pytest.mark.parametrize("url", NEEDS)
def test_it_is_done_once_by_who_asked_and_the_page_leads_there(
    browser: Any, north: Any, doctor: Any, chart: Any, url: str
) -> None:
    desk, form = browser("receptionist"), sent(url, doctor, chart)
    assert "Find a patient" in desk.get(url).content.decode() or url == GROUPS
    seen = {desk.post(url, form).headers["Location"] for _ in range(3)}
    with in_clinic(north):
        row = MADE[url].objects.get()
        by = row.asked_by if url == OVERRIDES else row.created_by
    assert (by, seen) == (desk.member.user_id, {url.replace("add/", f"{row.pk}/change/")})
    assert desk.get(seen.pop()).status_code == 200
    assert codes(desk.post(url, {**form, "clock": "11:00"})) == ["idempotency_key_reused"]
    assert number(north, url) == 1


@pytest.mark.parametrize("url", NEEDS)
def test_who_may_is_who_may_by_the_api(browser: Any, north: Any, doctor: Any, chart: Any, url: str) -> None:
    for day, role in enumerate(ROLES):
        may = reach(NEEDS[url], frozenset({role})) is not None
        client = browser(role)
        asked = sent(url, doctor, chart, clock=f"{9 + day}:00", count="1")
        seen = client.get(url).status_code, client.post(url, asked).status_code
        # a doctor may ask for a room, but only for a patient of their own
        assert seen == ((200, 200 if role == Role.DOCTOR else 302) if may else (403, 403)), role
        page = client.get(url.replace("add/", ""))
        assert page.status_code != 200 or (f'href="{url}"' in page.content.decode()) == may, role


@pytest.mark.parametrize("url", NEEDS)
def test_what_is_another_clinics_is_no_choice(browser: Any, north: Any, south: Any, doctor: Any, chart: Any, url: str) -> None:
    with in_clinic(south):
        other, theirs = scene.doctor(), make.patient()
    desk = browser("receptionist")
    assert desk.post(url, sent(url, other, chart)).context["form"].errors.keys() == {"practitioner"}
    if url != GROUPS:
        assert desk.post(url, sent(url, doctor, theirs)).context["form"].errors.keys() == {"mrn"}
    assert (number(north, url), number(south, url)) == (0, 0)


@pytest.mark.parametrize("url", NEEDS)
@pytest.mark.parametrize("wrong", [{"day": "0001-01-01"}, {"clock": "25:00"}, {"kind": "no-such"}, {"practitioner": "x\0"}])
def test_what_is_no_entry_is_said_beside_its_field(
    browser: Any, north: Any, doctor: Any, chart: Any, url: str, wrong: dict[str, str]
) -> None:
    page = browser("receptionist").post(url, sent(url, doctor, chart, **wrong))
    assert (page.status_code, page.context["form"].errors.keys(), number(north, url)) == (200, wrong.keys(), 0)


@pytest.mark.parametrize("url", NEEDS)
def test_a_time_that_a_spring_night_skips_is_none(browser: Any, north: Any, doctor: Any, chart: Any, url: str) -> None:
    page = browser("receptionist").post(url, sent(url, doctor, chart, day="2031-03-30", clock="02:30"))
    assert (page.context["form"].errors.keys(), number(north, url)) == ({"clock"}, 0)


@pytest.mark.parametrize(("url", "refused"), [(SERIES, "too_far"), (GROUPS, "outside_hours"), (OVERRIDES, "outside_hours")])
def test_a_refusal_is_said_with_its_code_and_nothing_is_done(
    browser: Any, north: Any, doctor: Any, chart: Any, url: str, refused: str
) -> None:
    wrong = {"day": "2099-06-03"} if url == SERIES else {"clock": "20:00"}
    page = browser("receptionist").post(url, sent(url, doctor, chart, **wrong))
    assert refused in codes(page) and number(north, url) == 0


class TestASeries:
    def test_every_day_that_cannot_be_is_named_with_its_reason_and_none_is_booked(
        self, browser: Any, north: Any, doctor: Any, chart: Any
    ) -> None:
        with in_clinic(north):
            for days in ("7", "14"):
                booked(doctor, make.patient(), at(f"{days} 10:00"))
            claims = Claim.objects.count()
        desk, form = browser("receptionist"), sent(SERIES, doctor, chart)
        page = desk.post(SERIES, form)
        told = [fault["text"] for fault in page.context["form"].faults()]
        assert codes(page) == ["slot_taken"] * 2 and ["10 June" in told[0], "17 June" in told[1]] == [True, True]
        with in_clinic(north):
            assert (Series.objects.count(), Occurrence.objects.count(), Claim.objects.count()) == (0, 0, claims)
        desk.post(SERIES, {**form, "skips": "on"})  # the same page, mended
        with in_clinic(north):
            kept = [why for (why,) in Occurrence.objects.order_by("starts_at").values_list("reasons")]
            assert kept == [[], ["slot_taken"], ["slot_taken"]]
            assert Appointment.objects.filter(patient=chart).count() == 1

    def test_a_rule_of_ones_own_is_taken_as_it_is(self, browser: Any, north: Any, doctor: Any, chart: Any) -> None:
        rule = "FREQ=WEEKLY;BYDAY=MO,TH;COUNT=4"
        browser("receptionist").post(SERIES, sent(SERIES, doctor, chart, often="own", count="", rule=rule))
        with in_clinic(north):
            assert Series.objects.get().rule == rule

    @pytest.mark.parametrize(
        ("wrong", "field"),
        [
            ({"often": "own", "count": ""}, "rule"),
            ({"often": "own", "rule": "FREQ=DAILY"}, "rule"),
            ({"rule": "FREQ=DAILY"}, "rule"),
            ({"until": "2030-07-01"}, "until"),
            ({"count": "0"}, "count"),
        ],
    )
    def test_what_contradicts_itself_is_said(
        self, browser: Any, north: Any, doctor: Any, chart: Any, wrong: dict[str, str], field: str
    ) -> None:
        page = browser("receptionist").post(SERIES, sent(SERIES, doctor, chart, **wrong))
        assert (page.context["form"].errors.keys(), number(north, SERIES)) == ({field}, 0)

    def test_a_rule_that_is_none_is_refused(self, browser: Any, north: Any, doctor: Any, chart: Any) -> None:
        page = browser("receptionist").post(SERIES, sent(SERIES, doctor, chart, often="own", count="", rule="now and then"))
        assert (codes(page), number(north, SERIES)) == (["bad_rule"], 0)

    @pytest.mark.parametrize(
        ("often", "begins", "starts"),
        [
            ("1", "2030-06-03", ["2030-06-03", "2030-06-10", "2030-06-17"]),
            ("3", "2030-06-03", ["2030-06-03", "2030-06-24", "2030-07-15"]),
            ("weekday", "2030-06-11", ["2030-06-11", "2030-07-09", "2030-08-13"]),
            ("weekday", "2030-07-29", ["2030-07-29", "2030-08-26", "2030-09-30"]),
            ("monthday", "2030-06-15", ["2030-06-15", "2030-07-15", "2030-08-15"]),
        ],
    )
    def test_each_choice_makes_the_rule_that_its_words_say(self, often: str, begins: str, starts: list[str]) -> None:
        first, zone = dt.datetime.fromisoformat(f"{begins}T10:00"), ZoneInfo("Europe/Berlin")
        for count, until in ((3, None), (None, dt.date.fromisoformat(starts[-1]))):
            rule = Rule.read(rule_of(often, first.date(), count, until))
            found = rule.starts(first, first + dt.timedelta(days=366), zone)
            assert [one.date().isoformat() for one in found] == starts


def test_seats_are_as_many_as_the_api_takes(browser: Any, north: Any, doctor: Any, chart: Any) -> None:
    for seats in ("1", "201", ""):
        page = browser("receptionist").post(GROUPS, sent(GROUPS, doctor, chart, seats=seats))
        assert page.context["form"].errors.keys() == {"seats"}
    assert number(north, GROUPS) == 0


def test_who_is_as_pressing_makes_no_room_and_the_page_says_so(browser: Any, north: Any, doctor: Any, chart: Any) -> None:
    with in_clinic(north):
        booked(doctor, make.patient(), at("10:00"), priority="emergency")
    page = browser("receptionist").post(OVERRIDES, sent(OVERRIDES, doctor, chart))
    assert (codes(page), number(north, OVERRIDES)) == (["not_less_pressing"], 0)


@pytest.mark.parametrize("url", NEEDS)
def test_a_page_costs_the_same_however_many_practitioners_there_are(
    browser: Any, north: Any, doctor: Any, chart: Any, url: str
) -> None:
    desk, form, costs = browser("receptionist"), sent(url, doctor, chart, clock="25:00"), []
    for more in (0, 2):
        with in_clinic(north):
            for _ in range(more):
                scene.doctor()
        # the least of three: the first visit notes the sign-in's use, and what a process remembers runs out by the clock
        costs.append([min(_queries(ask) for _ in range(3)) for ask in (lambda: desk.get(url), lambda: desk.post(url, form))])
    assert costs[0] == costs[1]


def _queries(ask: Any) -> int:
    with CaptureQueriesContext(connection) as seen:
        assert ask().status_code == 200
    return len(seen)
