"""Does a calendar elsewhere come to hold what it should, and can nobody make us call where we must not?"""

import datetime as dt
import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from appointments.calendars.models import CalendarCopy, CalendarTarget
from appointments.calendars.services import targets
from appointments.calendars.tests.shelf import Shelf, running
from appointments.models import Appointment
from appointments.services import steps
from appointments.services.booking import book
from appointments.services.handing_over import transfer
from appointments.services.rescheduling import reschedule
from healthcare.core import jobs
from healthcare.core.guarded import BadTarget
from healthcare.core.models import Job
from healthcare.core.outside import Away
from healthcare.core.tenancy import on_platform
from healthcare.tests import make

pytestmark = pytest.mark.django_db
Api = Callable[..., Any]


@pytest.fixture(scope="module")
def server() -> Iterator[Shelf]:
    with running() as shelf:
        yield shelf


@pytest.fixture
def shelf(server: Shelf, settings: Any, in_north: Any) -> Shelf:
    settings.WEBHOOK_NETWORKS = ["127.0.0.0/8"]
    server.held, server.status, server.seen = {}, 201, []
    return server


@pytest.fixture
def doctor(in_north: Any) -> Any:
    return make.practitioner()


def follow(doctor: Any, shelf: Shelf) -> CalendarTarget:
    known = {"username": "ada", "password": "app-password", "by": doctor.id, "now": timezone.now()}
    return targets.set_target(practitioner=doctor, url=shelf.url + "/", **known)


def booked(doctor: Any, hours: int = 30) -> Appointment:
    now = timezone.now()
    at = (now + dt.timedelta(hours=hours)).replace(minute=0, second=0, microsecond=0)
    row = type(doctor).objects.with_place().get(pk=doctor.pk)
    return book(kind="consultation", patient=make.patient(), practitioner=row, starts_at=at, by=None, now=now)


def work() -> list[bool]:
    with on_platform():
        ids = list(Job.objects.filter(name="calendar.push", state__in=jobs.OPEN).order_by("id").values_list("id", flat=True))
    return [jobs.run(job_id) for job_id in ids]


def test_a_booking_is_copied_moved_and_taken_out(shelf: Shelf, doctor: Any) -> None:
    follow(doctor, shelf)
    row = booked(doctor)
    assert work() == [True]
    (event,) = shelf.events()
    assert (event["dtstart"].dt, str(event["summary"])) == (row.starts_at, "Appointment at North Clinic")
    assert shelf.seen == [("PUT", f"/cal/ada/{row.id}.ics", "Basic YWRhOmFwcC1wYXNzd29yZA==")]
    moved = reschedule(appointment=row, starts_at=row.starts_at + dt.timedelta(hours=1), by=None, now=timezone.now())
    work()
    assert [e["dtstart"].dt for e in shelf.events()] == [moved.starts_at]
    steps.cancel(appointment=moved, by=None, now=timezone.now())
    work()
    assert (shelf.held, CalendarCopy.objects.count()) == ({}, 0)


def test_what_lies_ahead_is_copied_when_a_calendar_is_set(shelf: Shelf, doctor: Any) -> None:
    booked(doctor, 30), booked(doctor, 31)
    follow(doctor, shelf)
    work()
    assert len(shelf.held) == 2


def test_a_move_to_a_colleague_changes_calendars(shelf: Shelf, doctor: Any) -> None:
    follow(doctor, shelf)
    row = booked(doctor)
    work()
    other = make.practitioner(name="Dr Other")
    to = type(other).objects.with_place().get(pk=other.pk)
    reschedule(appointment=row, starts_at=row.starts_at, practitioner=to, by=None, now=timezone.now())
    work()
    assert shelf.held == {}


def test_one_that_was_transferred_is_taken_out(shelf: Shelf, doctor: Any) -> None:
    colleague = make.practitioner(name="Dr Two")
    follow(doctor, shelf)
    row = booked(doctor)
    work()
    assert len(shelf.held) == 1
    to = type(colleague).objects.with_place().get(pk=colleague.pk)
    transfer(appointment=row, practitioner=to, by=None, now=timezone.now())
    work()
    assert shelf.held == {}


def test_a_job_done_twice_or_late_writes_what_is_true_now(shelf: Shelf, doctor: Any) -> None:
    follow(doctor, shelf)
    row = booked(doctor)
    for _ in range(3):
        targets.push(appointment_id=row.id, now=timezone.now())
    assert len(shelf.seen) == 1


def test_without_a_calendar_no_work_is_owed(in_north: Any, doctor: Any) -> None:
    booked(doctor)
    assert work() == []


def test_a_calendar_that_is_away_or_says_no_is_told_and_tried_again(shelf: Shelf, doctor: Any) -> None:
    target, shelf.status = follow(doctor, shelf), 503
    row = booked(doctor)
    assert work() == [False]
    target.refresh_from_db()
    assert (target.fault, bool(target.failed_at)) == ("away", True)
    shelf.status = 403
    with pytest.raises(targets.PushRefused):
        targets.push(appointment_id=row.id, now=timezone.now())
    shelf.status = 201
    targets.push(appointment_id=row.id, now=timezone.now())
    target.refresh_from_db()
    assert (target.fault, target.failed_at, len(shelf.held)) == ("", None, 1)


@pytest.mark.parametrize(
    "url",
    ["http://calendar.example/x", "ftp://calendar.example", "https://user:pw@calendar.example", "https://", "x", "https://a b",
     "https://calendar.example/#f"],
)  # fmt: skip
def test_an_address_of_a_form_that_may_not_be_called_is_refused_at_once(in_north: Any, api: Api, member: Any, url: str) -> None:
    person = member("doctor")
    make.practitioner(user_id=person.user_id)
    told = api(member=person).put("/calendar/target", {"url": url})
    assert (told.status_code, told.json()["code"]) == (400, "bad_target")
    assert not CalendarTarget.objects.exists()


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.7", "169.254.169.254", "::1", "::ffff:10.0.0.1", "64:ff9b::a00:1"])
def test_a_name_that_leads_inside_is_not_called(
    in_north: Any, doctor: Any, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    monkeypatch.setattr(socket, "getaddrinfo", lambda *a, **k: [(family, socket.SOCK_STREAM, 6, "", (address, 443))])
    known = {"username": "", "password": "", "by": doctor.id, "now": timezone.now()}
    targets.set_target(practitioner=doctor, url="https://calendar.example/x", **known)
    with pytest.raises(BadTarget):
        targets.push(appointment_id=booked(doctor).id, now=timezone.now())


def test_nobody_there_is_away(in_north: Any, doctor: Any, settings: Any) -> None:
    settings.WEBHOOK_NETWORKS = ["127.0.0.0/8"]
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/x"
    targets.set_target(practitioner=doctor, url=url, username="", password="", by=doctor.id, now=timezone.now())
    with pytest.raises(Away):
        targets.push(appointment_id=booked(doctor).id, now=timezone.now())


def test_a_practitioner_sets_sees_and_removes_their_own(shelf: Shelf, api: Api, member: Any, south: Any) -> None:
    person = member("doctor")
    make.practitioner(user_id=person.user_id)
    mine = api(member=person)
    assert mine.get("/calendar/target").status_code == 404
    told = mine.put("/calendar/target", {"url": shelf.url, "username": "ada", "password": "app-password"})
    assert (told.status_code, told.json()["host"], told.json()["fault"]) == (200, "127.0.0.1", "")
    assert [word for word in ("app-password", "/cal/ada", '"ada"') if word in told.content.decode()] == []
    assert api("doctor").get("/calendar/target").status_code == 404
    assert api("patient").get("/calendar/target").status_code == 403
    assert mine.delete("/calendar/target").status_code == 204
    assert not CalendarTarget.objects.exists()


def test_the_database_refuses_what_the_constraints_say(shelf: Shelf, doctor: Any) -> None:
    target, row = follow(doctor, shelf), booked(doctor)
    CalendarCopy(target=target, appointment=row, version=1).save()
    with pytest.raises(IntegrityError, match="calendar_copy_once"), transaction.atomic():
        CalendarCopy(target=target, appointment=row, version=2).save()
    with pytest.raises(IntegrityError, match="calendar_target_fault_has_instant"), transaction.atomic():
        CalendarTarget.objects.update(fault="away")
