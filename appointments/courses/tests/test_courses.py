"""Is a course booked whole or not at all, within its gaps, and re-flowed in one step when a sitting is missed?"""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from appointments.courses.models import Course, CourseTemplate, Sitting
from appointments.courses.phases import steps as steps_of
from appointments.courses.services import planning
from appointments.courses.services.ordering import CourseOver, again, cancel, order
from appointments.courses.services.planning import book_course, reflow
from appointments.courses.tests.scene import BY, NOW, house, ordered, phase, template, times, with_kinds
from appointments.models import Appointment, Claim
from appointments.services import steps
from appointments.services.handing_over import transfer
from appointments.services.many import NotAllBookable
from healthcare.core import jobs
from healthcare.core.errors import Reason
from healthcare.core.models import EventRecord, Job
from healthcare.core.tenancy import on_platform
from healthcare.tests import make
from patients.models import Patient

pytestmark = pytest.mark.django_db
Api = Callable[..., Any]


@pytest.fixture
def people(in_north: Any, settings: Any) -> Any:
    with_kinds(settings)
    return house()


def booked(**known: Any) -> Course:
    course = book_course(course_id=ordered(**known).id, now=NOW)
    assert (course.state, course.why) == ("booked", [])
    return course


def assert_gaps(course: Course) -> None:
    """Days between sittings as the template asks, on the clinic's calendar, all in the order of their numbers."""
    days = [at.date() for at in times(course)]
    for step, before, after in zip(steps_of(course.phases)[1:], days, days[1:], strict=False):
        assert step.gap.least <= (after - before).days <= step.gap.most


def test_twenty_one_sittings_across_the_autumn_night_are_planned_and_booked(people: Any) -> None:
    course = booked()
    starts = times(course)
    assert len(starts) == 21
    assert starts[0].date() < dt.date(2030, 10, 27) < starts[-1].date()
    assert_gaps(course)
    assert {at.hour for at in starts} == {starts[0].hour}  # the wall clock's hour stays the same across the night
    rooms = Claim.objects.filter(resource="room", appointment__sitting__course=course).values("resource_id").distinct()
    assert (Claim.objects.filter(appointment__sitting__course=course).count(), rooms.count()) == (63, 1)
    with on_platform():
        assert EventRecord.objects.filter(name="CoursePlanned").count() == 1


def test_two_courses_share_the_one_room_without_meeting(people: Any) -> None:
    first, second = booked(), booked(made=CourseTemplate.objects.get())
    assert not {*times(first)} & {*times(second)}


def test_without_a_plan_nothing_is_booked_and_it_says_why(people: Any) -> None:
    course = ordered(template(phase("Night", "snehana", 3)), earliest=dt.time(18))
    assert book_course(course_id=course.id, now=NOW).state == "stuck"
    course.refresh_from_db()
    assert [why["code"] for why in course.why] == ["no_plan"]
    assert (Appointment.objects.count(), Sitting.objects.count(), Claim.objects.count()) == (0, 0, 0)


def test_somebody_who_was_faster_makes_it_plan_again(people: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    course, real, left = ordered(), planning.book_many, [2]

    def racing(**asked: Any) -> Any:
        if left[0]:
            left[0] -= 1
            raise NotAllBookable({}, [], NOW)
        return real(**asked)

    monkeypatch.setattr(planning, "book_many", racing)
    assert book_course(course_id=course.id, now=NOW).state == "booked"
    assert left == [0]


def test_a_failure_in_the_middle_leaves_nothing(people: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    course, real = ordered(), Sitting.save

    def dying(row: Sitting, *args: Any, **kwargs: Any) -> None:
        if row.number == 11:
            raise ZeroDivisionError
        real(row, *args, **kwargs)

    monkeypatch.setattr(Sitting, "save", dying)
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        book_course(course_id=course.id, now=NOW)
    course.refresh_from_db()
    assert (course.state, Appointment.objects.count(), Claim.objects.count()) == ("planning", 0, 0)


def miss(course: Course, number: int) -> dt.datetime:
    """Nobody comes to this sitting, all before it were given; answers the next morning."""
    for one in course.sittings.select_related("appointment").filter(number__lt=number):
        Appointment.objects.filter(pk=one.appointment_id).update(state="completed")
    row = course.sittings.get(number=number).appointment
    assert row is not None
    steps.no_show(appointment=row, by=None, now=row.ends_at + dt.timedelta(minutes=31))
    return row.starts_at.replace(hour=5) + dt.timedelta(days=1)


def test_a_missed_sitting_re_flows_what_follows_in_one_step(people: Any) -> None:
    course = booked(made=template(phase("Daily", "snehana", 10, 1, 1)))
    former = times(course)
    now = miss(course, 4)
    with on_platform():
        assert Job.objects.filter(name="course.reflow").count() == 1
    assert reflow(course_id=course.id, now=now).state == "booked"
    after = times(course)
    assert after[:3] == former[:3]
    assert after[3] > former[3]
    assert_gaps_from(course, 4)
    assert course.sittings.get(number=4).missed == 1
    live = Appointment.objects.filter(sitting__course=course).exclude(state__in=("no_show", "cancelled"))
    assert live.count() == 10
    with on_platform():
        assert EventRecord.objects.filter(name="CourseReflowed").count() == 1


def assert_gaps_from(course: Course, number: int) -> None:
    days = [at.date() for at in times(course)][number - 1 :]
    gaps = [step.gap for step in steps_of(course.phases)][number:]
    assert all(gap.least <= (b - a).days <= gap.most for gap, a, b in zip(gaps, days, days[1:], strict=False))


def test_what_need_not_move_stays_where_it_is(people: Any) -> None:
    course = booked(made=template(phase("Loose", "snehana", 5, 1, 6)))
    former, now = times(course), miss(course, 2)
    steps.cancel(appointment=course.sittings.get(number=3).appointment, by=None, now=now)  # so there is room for the missed one
    reflow(course_id=course.id, now=now)
    assert_gaps_from(course, 2)
    assert times(course)[4] <= max(former[4], times(course)[4])


def test_a_re_flow_that_can_not_be_leaves_everything_and_says_so(people: Any) -> None:
    course = booked(made=template(phase("Daily", "snehana", 6, 1, 1)))
    former, now = times(course), miss(course, 2)
    for one in people:
        one.is_active = False
        one.save()
    assert reflow(course_id=course.id, now=now).state == "stuck"
    assert times(course) == former


def test_a_re_flow_twice_is_once(people: Any) -> None:
    course = booked(made=template(phase("Daily", "snehana", 5, 1, 1)))
    now = miss(course, 2)
    reflow(course_id=course.id, now=now)
    once = times(course)
    reflow(course_id=course.id, now=now)
    assert times(course) == once


def test_the_last_sitting_completed_the_course_is_done(people: Any) -> None:
    course = booked(made=template(phase("Short", "snehana", 2)))
    Appointment.objects.filter(sitting__course=course).update(state="completed")
    assert reflow(course_id=course.id, now=NOW).state == "done"
    with pytest.raises(CourseOver):
        cancel(course=course, by=BY, now=NOW)


def test_a_sitting_that_somebody_else_takes_over_stays_a_sitting_of_the_course(people: Any) -> None:
    course = booked(made=template(phase("Only", "snehana", 1)))
    row = course.sittings.get().appointment
    other = next(one for one in people if one.pk != row.practitioner_id)
    successor = transfer(appointment=row, practitioner=other, starts_at=row.starts_at, by=BY, now=NOW)
    assert course.sittings.get().appointment == successor
    assert reflow(course_id=course.id, now=NOW).state == "booked"


def test_cancelling_ends_what_lies_ahead_and_nothing_re_flows(people: Any) -> None:
    course = booked(made=template(phase("Short", "snehana", 4)))
    first = course.sittings.get(number=1).appointment_id
    Appointment.objects.filter(pk=first).update(state="completed")
    cancel(course=course, by=BY, now=NOW)
    states = list(Appointment.objects.order_by("starts_at").values_list("state", flat=True))
    assert states == ["completed", "cancelled", "cancelled", "cancelled"]
    with on_platform():
        assert not Job.objects.filter(name="course.reflow").exists()


# -- over REST
SOON = {"starts_on": (timezone.now() + dt.timedelta(days=3)).date().isoformat()}


def test_staff_orders_a_course_and_follows_it(people: Any, api: Api, south: Any) -> None:
    admin, desk = api("clinic_admin"), api("receptionist")
    phases = [phase("Preparation", "snehana", 3), phase("Main", "swedana", 2)]
    made = admin.post("/appointments/courses/templates", {"name": "Short", "phases": phases})
    assert (made.status_code, len(made.json()["phases"])) == (201, 2)
    chart = make.patient()
    told = desk.post("/appointments/courses", {"template": made.json()["id"], "patient": str(chart.id), **SOON})
    assert (told.status_code, told.json()["state"]) == (202, "planning")
    url = f"/appointments/courses/{told.json()['id']}"
    book_course(course_id=told.json()["id"], now=timezone.now())
    seen = desk.get(url).json()
    assert (seen["state"], [s["number"] for s in seen["sittings"]], seen["patient"]["mrn"]) == (
        "booked",
        [1, 2, 3, 4, 5],
        chart.mrn,
    )
    assert [api("patient").get(url).status_code, api("receptionist", clinic="south").get(url).status_code] == [404, 404]
    assert api("auditor").get(url).status_code == 403
    assert desk.post(f"{url}/replan").json()["code"] == "course_over"
    assert desk.post(f"{url}/cancel", {}).json()["state"] == "cancelled"


def test_a_doctor_follows_what_they_ordered_also_if_they_give_none_of_it(people: Any, api: Api, member: Any) -> None:
    doctor = member("doctor")
    course = order(template=template(), patient=make.patient(), starts_on=NOW.date(), by=doctor.user_id, now=NOW)
    assert api(member=doctor).get(f"/appointments/courses/{course.id}").status_code == 200
    assert api("doctor").get(f"/appointments/courses/{course.id}").status_code == 404


@pytest.mark.parametrize(
    ("known", "status", "code"),
    [({"starts_on": "9999-12-31"}, 409, "too_far"), ({**SOON, "earliest": "18:00", "latest": "08:00"}, 409, "backwards")],
)
def test_a_course_that_can_never_be_is_not_ordered(people: Any, api: Api, known: Any, status: int, code: str) -> None:
    made = template(phase("Short", "snehana", 2))
    told = api("receptionist").post(
        "/appointments/courses", {"template": str(made.pk), "patient": str(make.patient().pk), **known}
    )
    assert (told.status_code, told.json()["code"], Course.objects.count()) == (status, code, 0)


def test_a_course_whose_planning_fails_to_the_last_try_can_be_planned_anew(people: Any, monkeypatch: Any) -> None:
    course = ordered(made=template(phase("Short", "snehana", 2)))
    monkeypatch.setattr("appointments.courses.services.planning._book", lambda *what: 1 / 0)
    with on_platform():
        job_id = Job.objects.get(name="course.plan").pk
        Job.objects.update(attempts=99)
    assert not jobs.run(job_id)
    course.refresh_from_db()
    assert (course.state, [why["code"] for why in course.why]) == ("stuck", ["planning_failed"])
    assert again(course=course, by=BY, now=NOW).state == "planning"


def test_a_patient_sees_their_own_course_and_orders_none(people: Any, api: Api, member: Any) -> None:
    person = member("patient")
    course = ordered(patient=Patient.objects.get(user=person.user_id))
    mine = api(member=person)
    assert mine.get(f"/appointments/courses/{course.id}").json()["id"] == str(course.id)
    assert [row["id"] for row in mine.get("/appointments/courses").json()["results"]] == [str(course.id)]
    assert mine.post("/appointments/courses", {}).status_code == 403


@pytest.mark.parametrize(
    "phases",
    [[], [{}], [phase("x", "nothing_of_ours", 1)], [phase("x", "snehana", 91)], [phase("x", "snehana", 60)] * 2,
     [phase("x", "snehana", 2, 3, 1)], [phase("x", "snehana", 0)], "x"],
)  # fmt: skip
def test_what_is_no_course_is_refused(people: Any, api: Api, phases: Any) -> None:
    told = api("clinic_admin").post("/appointments/courses/templates", {"name": "Bad", "phases": phases})
    assert told.status_code in (400, 409)
    assert not CourseTemplate.objects.exists()


def test_a_list_of_courses_costs_as_many_queries_for_three_as_for_one(people: Any, api: Api) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    desk, made = api("receptionist"), template(phase("Short", "snehana", 2))
    counts = []
    for more in (1, 2):
        for _ in range(more):
            booked(made=made)
        desk.get("/appointments/courses")
        with CaptureQueriesContext(connection) as found:
            assert desk.get("/appointments/courses").status_code == 200
        counts.append(len(found))
    assert counts[0] == counts[1]


def test_the_database_refuses_what_the_constraints_say(people: Any) -> None:
    course = ordered(template(phase("Short", "snehana", 2)))
    Sitting(course=course, number=1, phase=0).save()
    with pytest.raises(IntegrityError, match="sitting_number_once"), transaction.atomic():
        Sitting(course=course, number=1, phase=0).save()
    with pytest.raises(IntegrityError, match="sitting_counts_from_one"), transaction.atomic():
        Sitting(course=course, number=0, phase=0).save()
    Sitting(course=course, number=2, phase=0).save()
    with pytest.raises(IntegrityError, match="course_template_name_once"), transaction.atomic():
        CourseTemplate(name="Panchakarma", phases=[]).save()


def test_who_looks_at_a_stuck_course_in_the_admin_reads_sentences(people: Any, member: Any) -> None:
    from django.test import Client

    from accounts.models import User

    desk = member("receptionist")
    course = ordered()
    why = Reason("slot_taken", "Not free on {starts_at}.", {"starts_at": NOW}, NOW)
    course.state, course.why = "stuck", [why.on_wire(), Reason("room_busy", "No <room>.").on_wire()]
    course.save()
    client = Client()
    with on_platform():
        client.force_login(User.objects.get(pk=desk.user_id), backend="accounts.authentication.AdminLogin")
    page = client.get(f"/admin/courses/course/{course.pk}/change/").content.decode()
    assert f"{why.detail}<br>No &lt;room&gt;." in page
    assert "slot_taken" not in page  # the code is for programs
