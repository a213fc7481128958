"""What do calendars outside learn of appointments: where and when, to whom it belongs, and nothing more?"""

import datetime as dt
from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from icalendar import Calendar

from accounts.models import Membership
from appointments.calendars import entries
from appointments.calendars.models import CalendarFeed
from appointments.calendars.services import feeds
from appointments.models import Appointment
from appointments.queue.tests import make as visits
from appointments.services import steps
from healthcare.core.tenancy import on_platform
from healthcare.tests import make
from patients.models import Patient

pytestmark = pytest.mark.django_db
Api = Callable[..., Any]


@pytest.fixture
def person(member: Any, in_north: Any) -> Any:
    return member("patient")


@pytest.fixture
def row(person: Any) -> Appointment:
    chart = Patient.objects.get(user=person.user_id)
    return visits.appointment(make.practitioner(), starts_in=600, patient=chart, reason="itching")


def events(answer: Any) -> list[Any]:
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/calendar; charset=utf-8")
    return list(Calendar.from_ical(answer.content).walk("VEVENT"))


def feed_path(api: Api, person: Any) -> str:
    told = api(member=person).post("/calendar/feeds", {"name": "phone"})
    assert told.status_code == 201
    return str(told.json()["url"]).removeprefix("http://127.0.0.1:8088")


def test_an_appointment_as_a_file_says_where_and_when_and_no_more(api: Api, person: Any, row: Any) -> None:
    (event,) = events(api(member=person).get(f"/appointments/{row.id}/calendar.ics"))
    assert (event["dtstart"].dt, event["dtend"].dt, str(event["summary"])) == (
        row.starts_at.replace(microsecond=0), row.ends_at.replace(microsecond=0), "Appointment at North Clinic",
    )  # fmt: skip
    text = event.to_ical().decode()
    hidden = ("consultation", "itching", row.patient.first_name, row.patient.mrn, str(row.practitioner), str(row.patient_id))
    assert [word for word in hidden if word in text] == []


def test_a_file_is_for_who_may_see_the_appointment(api: Api, row: Any, south: Any) -> None:
    tries = [api("patient"), api("doctor"), api("receptionist", clinic="south")]
    assert [c.get(f"/appointments/{row.id}/calendar.ics").status_code for c in tries] == [404] * 3
    assert api("auditor").get(f"/appointments/{row.id}/calendar.ics").status_code == 403


def test_what_has_not_changed_is_not_sent_again(api: Api, person: Any, row: Any, client: Any) -> None:
    path = feed_path(api, person)
    tag = client.get(path).headers["ETag"]
    again = client.get(path, headers={"If-None-Match": f'"other", W/{tag}'})
    assert (again.status_code, again.content) == (304, b"")
    steps.cancel(appointment=row, by=None, now=timezone.now())
    changed = client.get(path, headers={"If-None-Match": tag})
    assert (changed.status_code, events(changed)) == (200, [])


def test_a_feed_follows_both_sides_of_a_persons_appointments(api: Api, person: Any, row: Any, client: Any) -> None:
    card = make.practitioner(user_id=person.user_id)
    visits.appointment(card, starts_in=900)
    assert len(events(client.get(feed_path(api, person)))) == 2


def test_a_feed_taken_back_answers_as_one_that_never_was(api: Api, person: Any, client: Any) -> None:
    path = feed_path(api, person)
    mine = api(member=person)
    feed = mine.get("/calendar/feeds").json()["results"][0]
    assert (feed["name"], "url" in feed, "token" in feed) == ("phone", False, False)
    assert api("patient").delete(f"/calendar/feeds/{feed['id']}").status_code == 404
    assert mine.delete(f"/calendar/feeds/{feed['id']}").status_code == 204
    gone, never = client.get(path), client.get(path[:-9] + "x" * 5 + ".ics")
    assert gone.status_code == never.status_code == 404
    assert {**gone.json(), "request_id": ""} == {**never.json(), "request_id": ""}


def test_a_feed_ends_with_the_membership(api: Api, person: Any, row: Any, client: Any) -> None:
    path = feed_path(api, person)
    with on_platform():
        Membership.objects.filter(user=person.user_id).update(ended_at=timezone.now())
    assert client.get(path).status_code == 404


def test_another_clinic_does_not_know_the_address(api: Api, person: Any, south: Any, client: Any) -> None:
    path = feed_path(api, person)
    token = path.rpartition("/")[2].removesuffix(".ics")
    assert client.get(f"/calendar/{south.id.hex}{token[32:]}.ics").status_code == 404
    assert [client.get(f"/calendar/{t}.ics").status_code for t in ("x", "0" * 32, token[:32], f"{token}a")] == [404] * 4


def test_only_the_digest_of_an_address_is_kept(api: Api, person: Any) -> None:
    secret = feed_path(api, person).rpartition("/")[2].removesuffix(".ics")[32:]
    row = CalendarFeed.objects.get()
    assert secret not in str(vars(row))
    assert bytes(row.digest) == feeds._digest(secret)


def test_five_addresses_are_enough(api: Api, person: Any) -> None:
    mine = api(member=person)
    told = [mine.post("/calendar/feeds", {}).status_code for _ in range(6)]
    assert told == [201] * 5 + [409]


@pytest.mark.parametrize("fold", [0, 1])
def test_the_two_half_past_ones_of_the_autumn_night_stay_apart(in_north: Any, fold: int) -> None:
    row = visits.appointment(make.practitioner())
    clock = dt.datetime(2030, 10, 27, 2, 30, tzinfo=ZoneInfo("Europe/Berlin"), fold=fold)
    row.starts_at, row.ends_at = clock.astimezone(dt.UTC), clock.astimezone(dt.UTC) + dt.timedelta(minutes=30)
    written = Calendar.from_ical(entries.calendar([entries.discreet(row, stamp=timezone.now())]))
    (event,) = written.walk("VEVENT")
    assert event["dtstart"].dt == dt.datetime(2030, 10, 27, fold, 30, tzinfo=dt.UTC)


def test_a_feed_of_many_costs_as_many_queries_as_one_of_one(api: Api, person: Any, row: Any) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    counts = []
    for more in (0, 3):
        for _ in range(more):
            visits.appointment(make.practitioner(), starts_in=900, patient=row.patient)
        with CaptureQueriesContext(connection) as found:
            feeds.written(user_id=person.user_id, now=timezone.now())
        counts.append(len(found))
    assert counts[0] == counts[1]
