"""Does a freed time find the best of those who wait, one after the other, and never two of them?"""

import datetime as dt
from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from appointments.models import Appointment, Practitioner
from appointments.services import steps
from appointments.services.booking import book
from appointments.services.rescheduling import reschedule
from appointments.waitlist.models import Offer, Opening, Wish
from appointments.waitlist.services import answering, filling, joining, looking
from healthcare.core import jobs
from healthcare.core.ids import new_id
from healthcare.core.models import EventRecord, Job
from healthcare.core.tenancy import on_platform
from healthcare.tests import make

pytestmark = pytest.mark.django_db
Api = Callable[..., Any]


class Day:
    """A doctor whose one appointment of tomorrow, 10:00 in Berlin, may be freed; all other times are away."""

    def __init__(self) -> None:
        self.now = timezone.now()
        self.day = (self.now + dt.timedelta(days=1)).date()
        weekly = [(weekday, dt.time(10), dt.time(10, 10)) for weekday in range(7)]
        made = make.practitioner(weekly=weekly, horizon_days=3)
        self.doctor = Practitioner.objects.with_place().get(pk=made.pk)
        zone = self.doctor.place.clock
        self.starts_at = dt.datetime.combine(self.day, dt.time(10), zone)
        self.days = [self.starts_at + dt.timedelta(days=n) for n in range(-1, 3)]
        bookable = self.now + dt.timedelta(days=3)  # the hour decides whether that is three of these times or two
        self.holders = [self.booked(at) for at in self.days if self.now < at <= bookable]
        self.row = next(row for row in self.holders if row.starts_at == self.starts_at)

    def booked(self, at: dt.datetime) -> Appointment:
        known = {"kind": "consultation", "by": None, "now": self.now}
        return book(patient=make.patient(), practitioner=self.doctor, starts_at=at, **known)

    def wish(self, **known: Any) -> Wish:
        known = {"patient": None, "until_on": self.day + dt.timedelta(days=9), "from_on": self.now.date(), **known}
        known["patient"] = known["patient"] or make.patient()
        at = known.pop("now", self.now)
        return joining.join(kind="consultation", by=None, now=at, **known)

    def free(self) -> None:
        steps.cancel(appointment=self.row, by=None, now=self.now)


@pytest.fixture
def tomorrow(in_north: Any) -> Day:
    return Day()


def work(name: str = "waitlist.fill") -> int:
    """Do the jobs that are owed."""
    with on_platform():
        ids = list(Job.objects.filter(name=name, state__in=jobs.OPEN).order_by("id").values_list("id", flat=True))
    return sum(jobs.run(job_id) for job_id in ids)


def state(wish: Wish) -> str:
    return str(Wish.objects.values_list("state", flat=True).get(pk=wish.pk))


def holder() -> Wish | None:
    found = Offer.objects.filter(state="open").select_related("wish").first()
    return found.wish if found else None


def test_a_freed_time_is_held_for_the_most_pressing_and_says_why(tomorrow: Day) -> None:
    early, pressing = tomorrow.wish(now=tomorrow.now - dt.timedelta(days=6)), tomorrow.wish(urgency="urgent")
    tomorrow.free()
    assert work() == 1
    offer = Offer.objects.get()
    assert (offer.wish_id, state(early), state(pressing)) == (pressing.id, "waiting", "offered")
    assert offer.rank["urgency"] == "urgent"
    assert set(offer.rank) == {"urgency", "waited_hours", "fit", "points", "better_placed"}
    held = offer.appointment
    assert (held.state, held.starts_at, held.expires_at) == ("pending", tomorrow.starts_at, offer.expires_at)


def test_to_accept_is_to_have_it(tomorrow: Day) -> None:
    wish = tomorrow.wish()
    tomorrow.free(), work()
    row = answering.accept(wish=wish, by=None, now=timezone.now())
    wish.refresh_from_db()
    assert (row.state, wish.state, wish.appointment_id) == ("confirmed", "booked", row.id)
    assert Opening.objects.get().state == "filled"
    with on_platform():
        names = list(EventRecord.objects.filter(name__startswith="Waitlist").order_by("id").values_list("name", flat=True))
    assert names == ["WaitlistJoined", "WaitlistOffered", "WaitlistAnswered"]


def test_who_declines_makes_way_for_the_next_and_waits_on(tomorrow: Day) -> None:
    first, second = tomorrow.wish(urgency="high"), tomorrow.wish()
    tomorrow.free(), work()
    answering.decline(wish=first, by=None, now=timezone.now())
    assert work() == 1
    assert (holder(), state(first)) == (second, "waiting")
    answering.decline(wish=second, by=None, now=timezone.now())
    work()
    assert (holder(), Opening.objects.get().state) == (None, "unwanted")  # nobody is asked twice


def test_an_offer_that_runs_out_goes_on_and_three_of_them_end_the_wait(tomorrow: Day) -> None:
    wish, second = tomorrow.wish(urgency="high"), tomorrow.wish()
    Wish.objects.filter(pk=wish.pk).update(missed=2)
    tomorrow.free(), work()
    held = Appointment.objects.get(offer__wish=wish)
    steps.expire(appointment=held, by=None, now=held.expires_at + dt.timedelta(seconds=1))
    work()
    assert (state(wish), holder()) == ("lapsed", second)


def test_late_is_late(tomorrow: Day) -> None:
    wish = tomorrow.wish()
    tomorrow.free(), work()
    held = Appointment.objects.get(offer__wish=wish)
    steps.expire(appointment=held, by=None, now=held.expires_at + dt.timedelta(seconds=1))
    with pytest.raises(answering.NoOffer):
        answering.accept(wish=wish, by=None, now=timezone.now())


def test_who_leaves_gives_back_what_was_offered(tomorrow: Day) -> None:
    wish, second = tomorrow.wish(urgency="high"), tomorrow.wish()
    tomorrow.free(), work()
    joining.leave(wish=wish, by=None, now=timezone.now())
    work()
    assert (state(wish), holder()) == ("left", second)
    with pytest.raises(joining.NotWaiting):
        joining.leave(wish=wish, by=None, now=timezone.now())


def test_a_click_at_the_desk_answers_an_offer_as_well(tomorrow: Day) -> None:
    wish = tomorrow.wish()
    tomorrow.free(), work()
    steps.confirm(appointment=Appointment.objects.get(offer__wish=wish), by=new_id(), now=timezone.now())
    assert (state(wish), Opening.objects.get().state) == ("booked", "filled")


def test_a_time_that_was_moved_away_from_is_offered_too(tomorrow: Day) -> None:
    wish = tomorrow.wish()
    other = next(row for row in tomorrow.holders if row != tomorrow.row)
    other_at = other.starts_at
    steps.cancel(appointment=other, by=None, now=tomorrow.now)
    Opening.objects.update(state="passed", closed_at=tomorrow.now)
    reschedule(appointment=tomorrow.row, starts_at=other_at, by=None, now=tomorrow.now)
    work()
    assert Offer.objects.get(wish=wish, state="open").appointment.starts_at == tomorrow.starts_at


def test_a_time_somebody_booked_past_the_list_is_taken(tomorrow: Day) -> None:
    tomorrow.wish()
    tomorrow.free()
    tomorrow.booked(tomorrow.starts_at)
    work()
    assert (Offer.objects.count(), Opening.objects.get().state) == (0, "taken")


def test_who_can_not_have_it_is_passed_over(tomorrow: Day) -> None:
    busy = make.patient()
    elsewhere = make.practitioner()
    book(patient=busy, practitioner=elsewhere, starts_at=tomorrow.starts_at, kind="consultation", by=None, now=tomorrow.now)
    first, second = tomorrow.wish(patient=busy, urgency="urgent"), tomorrow.wish()
    tomorrow.free(), work()
    assert (holder(), Offer.objects.get().rank["better_placed"], state(first)) == (second, 1, "waiting")


@pytest.mark.parametrize(
    "known", [{"earliest": dt.time(10, 1)}, {"latest": dt.time(9, 59)}, {"weekdays": ()}, {"practitioner": None}, {"days": 2}]
)
def test_nobody_is_offered_what_they_said_does_not_suit(tomorrow: Day, known: dict[str, Any]) -> None:
    if "weekdays" in known:
        known = {"weekdays": tuple({0, 1, 2, 3, 4, 5, 6} - {tomorrow.day.weekday()})}
    if "practitioner" in known:
        known = {"practitioner": make.practitioner()}
    if "days" in known:
        known = {"from_on": tomorrow.day + dt.timedelta(days=2)}
    tomorrow.wish(**known)
    tomorrow.free(), work()
    assert not Offer.objects.filter(appointment__starts_at=tomorrow.starts_at).exists()


def test_a_newcomer_finds_what_is_free_already(tomorrow: Day) -> None:
    tomorrow.free()
    assert not Opening.objects.exists()  # nobody waited
    wish = tomorrow.wish()
    work("waitlist.look")
    work()
    assert holder() == wish


def test_hours_that_are_added_are_offered(tomorrow: Day) -> None:
    wish = tomorrow.wish()
    weekly = tomorrow.doctor.weekly.get(weekday=tomorrow.day.weekday())
    weekly.closes = dt.time(10, 30)
    weekly.save()
    looking.look_after(practitioner_id=tomorrow.doctor.id, now=tomorrow.now)
    work()
    assert holder() == wish


def test_a_job_done_twice_makes_one_offer(tomorrow: Day) -> None:
    tomorrow.wish(), tomorrow.wish()
    tomorrow.free()
    opening = Opening.objects.get()
    for _ in range(3):
        filling.fill(opening_id=opening.id, now=timezone.now())
    assert Offer.objects.count() == 1


def test_joining_is_refused_with_its_reason(tomorrow: Day) -> None:
    chart = make.patient()
    tomorrow.wish(patient=chart)
    with pytest.raises(joining.AlreadyWaiting):
        tomorrow.wish(patient=chart)
    for days in ((5, 4), (-3, -2), (0, 400)):
        from_on, until_on = (tomorrow.now.date() + dt.timedelta(days=n) for n in days)
        with pytest.raises(joining.BadDays):
            tomorrow.wish(from_on=from_on, until_on=until_on)


# -- over REST
def asked(**known: Any) -> dict[str, Any]:
    today = timezone.localdate(timezone=ZoneInfo("Europe/Berlin"))  # the clinic's: near midnight UTC has another
    return {"kind": "consultation", "from_on": str(today), "until_on": str(today + dt.timedelta(days=9)), **known}


def test_a_patient_joins_accepts_and_sees_only_their_own(tomorrow: Day, api: Api, member: Any) -> None:
    tomorrow.wish()
    person = member("patient")
    mine = api(member=person)
    told = mine.post("/appointments/waitlist", asked())
    assert (told.status_code, told.json()["state"]) == (201, "waiting")
    assert [row["id"] for row in mine.get("/appointments/waitlist").json()["results"]] == [told.json()["id"]]
    Wish.objects.filter(pk=told.json()["id"]).update(joined_at=tomorrow.now - dt.timedelta(days=5))
    tomorrow.free(), work()
    url = f"/appointments/waitlist/{told.json()['id']}"
    offer = mine.get(url).json()["offer"]
    assert dt.datetime.fromisoformat(offer["starts_at"]) == tomorrow.starts_at
    assert api("patient").post(f"{url}/accept").status_code == 404
    taken = mine.post(f"{url}/accept").json()
    assert (taken["state"], taken["appointment"], taken["offer"]) == ("booked", offer["appointment"], None)
    assert mine.post(f"{url}/accept").json()["code"] == "no_offer"


def test_a_patient_does_not_say_how_pressing_it_is_nor_joins_for_another(tomorrow: Day, api: Api) -> None:
    mine = api("patient")
    assert mine.post("/appointments/waitlist", asked(urgency="emergency")).status_code == 403
    assert mine.post("/appointments/waitlist", asked(patient=str(make.patient().id))).status_code == 404
    assert not Wish.objects.exists()


def test_the_desk_joins_for_a_patient_and_another_clinic_knows_nothing(tomorrow: Day, api: Api, south: Any) -> None:
    desk, chart = api("receptionist"), make.patient()
    told = desk.post("/appointments/waitlist", asked(patient=str(chart.id), urgency="urgent", doctor=str(tomorrow.doctor.id)))
    assert (told.status_code, told.json()["patient"]["mrn"]) == (201, chart.mrn)
    url = f"/appointments/waitlist/{told.json()['id']}"
    stranger = api("receptionist", clinic="south")
    assert [stranger.get(url).status_code, stranger.delete(url).status_code, stranger.post(f"{url}/accept").status_code] == [
        404
    ] * 3
    assert api("auditor").get("/appointments/waitlist").status_code == 403
    assert [desk.delete(url).status_code, desk.delete(url).status_code] == [204, 409]


@pytest.mark.parametrize(
    "bad",
    [{"kind": "nothing"}, {"until_on": "2020-01-01"}, {"weekdays": [7]}, {"earliest": "12:00", "latest": "11:00"},
     {"from_on": "0001-01-01", "until_on": "9999-12-31"}, {"location": str(new_id())}, {"doctor": str(new_id())}, {"x": 1}],
)  # fmt: skip
def test_bad_input_is_told_and_nobody_joins(tomorrow: Day, api: Api, bad: dict[str, Any]) -> None:
    assert api("patient").post("/appointments/waitlist", asked(**bad)).status_code in (400, 404, 409)
    assert not Wish.objects.exists()


def test_a_list_costs_as_many_queries_for_three_as_for_one(tomorrow: Day, api: Api) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    desk = api("receptionist")
    counts = []
    for more in (1, 2):
        for _ in range(more):
            tomorrow.wish(practitioner=tomorrow.doctor)
        desk.get("/appointments/waitlist")
        with CaptureQueriesContext(connection) as found:
            assert desk.get("/appointments/waitlist").status_code == 200
        counts.append(len(found))
    assert counts[0] == counts[1]


def broken(constraint: str, change: Callable[[], Any]) -> None:
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        change()


def test_the_database_lets_no_two_hold_and_keeps_what_the_constraints_say(tomorrow: Day) -> None:
    first, second = tomorrow.wish(), tomorrow.wish()
    tomorrow.free(), work()
    offer, last = Offer.objects.get(), tomorrow.days[-1]
    other = second if offer.wish_id == first.id else first
    gone = Opening(practitioner=tomorrow.doctor, starts_at=last, ends_at=last + dt.timedelta(minutes=1), freed_at=tomorrow.now)
    gone.save()

    def another(**known: Any) -> Callable[[], Any]:
        facts = {"wish": offer.wish, "opening": offer.opening, "appointment": tomorrow.holders[0], "rank": {}}
        return Offer(**{**facts, "made_at": tomorrow.now, "expires_at": tomorrow.now, **known}).save

    broken("offer_one_holder_of_an_opening", another(wish=other))
    broken("offer_once_to_each", another(state="declined"))
    broken("offer_one_open_of_a_wish", another(opening=gone))
    wishes, openings, held = Wish.objects.filter(pk=other.pk), Opening.objects.filter(pk=gone.pk), offer.opening
    broken("wish_days_forward", lambda: wishes.update(until_on=tomorrow.now.date() - dt.timedelta(days=9)))
    broken("wish_urgency_known", lambda: wishes.update(urgency="dire"))
    broken("wish_booked_has_appointment", lambda: wishes.update(state="booked"))
    broken("opening_ends_after_start", lambda: openings.update(ends_at=gone.starts_at))
    broken("opening_closed_has_instant", lambda: openings.update(state="filled"))
    broken("opening_open_once_a_time", lambda: openings.update(starts_at=held.starts_at, ends_at=held.ends_at))
    assert openings.update(state="passed", closed_at=tomorrow.now) == 1
