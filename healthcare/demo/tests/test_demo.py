"""Is the demo believable, sound, and the same when it is seeded again?"""

import datetime as dt
import unicodedata
from itertools import pairwise
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db.models import Count, F, Max

from accounts.models import Membership, User
from accounts.roles import PLATFORM_ROLES, Role
from appointments.models import Appointment, Claim, Practitioner, Transition
from appointments.plugins.registry import kind_named
from appointments.queue.models import Queue, QueueEvent, Token
from appointments.services.availability import free_times
from appointments.workflow import HOLDS_TIME, State
from clinics.models import Clinic, Location
from healthcare.core.models import EventRecord, Job
from healthcare.core.tenancy import current_clinic, in_clinic, on_platform
from healthcare.demo import seeding
from healthcare.demo.clinics import NORTH, URGENT_CARE, DemoClinic
from healthcare.demo.houses import KIND
from healthcare.demo.people import login_of
from healthcare.demo.tests.conftest import AT_NIGHT, NOW, OPEN_HOUSE, SIZE, Seeded
from patients.models import Patient

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)
UNDECIDED = (State.PENDING, State.SCHEDULED, State.CONFIRMED)


def rows() -> dict[str, int]:
    models = (Patient, Practitioner, Appointment, Claim, Transition, Queue, Token, QueueEvent)
    return {model.__name__: model.objects.count() for model in models}


def states(visits: Any) -> set[str]:
    return set(visits.values_list("state", flat=True))


def test_each_step_of_the_first_seed_makes_something(seeded: Seeded) -> None:
    for demo in (OPEN_HOUSE, AT_NIGHT):
        assert seeded.first[f"{demo.slug}: people of every role"] == 17
        assert seeded.first[f"{demo.slug}: patients"] == SIZE.patients
        assert seeded.first[f"{demo.slug}: queues in progress"] == 2
    assert 0 not in seeded.first.values()


def test_a_second_seed_at_the_same_instant_changes_nothing(in_demo: DemoClinic, seeded: Seeded) -> None:
    before = rows()
    assert set(seeded.again(NOW).values()) == {0}
    assert rows() == before


def test_after_midnight_the_missing_day_is_added_and_what_the_demo_made_of_the_day_gone_by_is_closed(seeded: Seeded) -> None:
    with in_clinic(Clinic.objects.get(slug=OPEN_HOUSE.slug)):
        over = Appointment.objects.filter(state__in=UNDECIDED, ends_at__lte=NOW + DAY)
        some = over.filter(starts_at__gt=NOW)[0]
        same = ("kind", "patient_id", "practitioner_id", "location_id", "starts_at", "ends_at", "state")
        by_hand = Appointment(**{name: getattr(some, name) for name in same})
        by_hand.save()
        days = set(Appointment.objects.values_list("starts_at__date", flat=True))
        said = seeded.again(NOW + DAY)
        assert said[f"{OPEN_HOUSE.slug}: appointments"] > 0
        assert said[f"{OPEN_HOUSE.slug}: patients"] == 0
        assert set(Appointment.objects.values_list("starts_at__date", flat=True)) == {*days, max(days) + DAY}
        assert list(over) == [by_hand]


@pytest.mark.parametrize("role", list(Role))
def test_every_role_can_sign_in_with_the_demo_password(role: Role, seeded: Seeded, api: Any) -> None:
    body = {"identifier": login_of(role, OPEN_HOUSE), "password": settings.DEMO_PASSWORD}
    assert api(clinic=None).post("/auth/login", body).status_code == 200


def test_roles_are_held_in_the_clinic_and_platform_roles_on_the_platform(in_demo: DemoClinic) -> None:
    clinic = current_clinic()
    with on_platform():
        here = Membership.objects.filter(clinic=clinic.id).values_list("role", flat=True)
        assert set(here) == set(Role) - PLATFORM_ROLES
        for role in PLATFORM_ROLES:
            user = User.objects.with_identifier(login_of(role, in_demo)).get()
            assert [grant.clinic_id for grant in user.memberships.all()] == [None]


def test_the_doctor_has_a_card_and_the_patient_a_chart_with_visits(in_demo: DemoClinic) -> None:
    with on_platform():
        doctor = User.objects.with_identifier(login_of(Role.DOCTOR, in_demo)).get()
        patient = User.objects.with_identifier(login_of(Role.PATIENT, in_demo)).get()
    assert Practitioner.objects.get(user=doctor.pk).name == doctor.get_full_name()
    chart = Patient.objects.get(user=patient.pk)
    assert chart.full_name == patient.get_full_name()
    # 17 and 19 November are a Tuesday and a Thursday
    days = {at.date().day for at in chart.appointments.values_list("starts_at", flat=True)}
    assert days == {17, 19}


def test_practitioners_have_believable_cards_and_a_break_at_noon(in_demo: DemoClinic) -> None:
    regular = Practitioner.objects.exclude(speciality=URGENT_CARE)
    assert regular.count() == 8
    for row in regular:
        assert row.kinds[0] == KIND
        assert row.title and row.speciality and row.languages and row.room
        monday = row.weekly.filter(weekday=0).order_by("opens").values_list("opens", "closes")
        assert len(monday) == 2
        assert monday[0][1] < monday[1][0]


def test_urgent_care_never_closes_and_keeps_a_time_free_within_the_hour(in_demo: DemoClinic) -> None:
    today = NOW.date()
    kind, soon = kind_named(KIND), NOW + dt.timedelta(minutes=60)
    doctors = Practitioner.objects.filter(speciality=URGENT_CARE).with_place()
    offers = [free_times(practitioner=one, kind=kind, day=today, days=7, now=NOW) for one in doctors]
    assert {slot.ends_at - slot.starts_at for offer in offers for slot in offer} == {dt.timedelta(minutes=10)}
    assert sum(offer[0].starts_at <= soon for offer in offers) >= 6
    within = sorted((sum(slot.starts_at <= soon for slot in offer) for offer in offers), reverse=True)
    assert min(within[:6]) >= 4, "all but the two whose queues are in progress"


def test_visits_are_in_every_state_that_fits_their_time(in_demo: DemoClinic) -> None:
    past = Appointment.objects.filter(ends_at__lte=NOW - DAY)
    ahead = Appointment.objects.filter(starts_at__gt=NOW + DAY / 2)
    today = Appointment.objects.filter(starts_at__range=(NOW - DAY / 4, NOW + DAY / 4))
    assert {"completed", "no_show", "cancelled"} <= states(past) <= {"completed", "no_show", "cancelled", "expired"}
    assert states(ahead) == {"scheduled", "confirmed", "pending", "cancelled"}
    assert {"completed", "waiting", "in_progress", "confirmed"} <= states(today)


def test_each_visit_that_holds_time_has_both_claims_and_no_other_has_any(in_demo: DemoClinic) -> None:
    counts = Appointment.objects.annotate(held=Count("claims")).values_list("state", "held")
    assert {held for state, held in counts if state in HOLDS_TIME} == {2}
    assert {held for state, held in counts if state not in HOLDS_TIME} == {0}


def test_no_two_claims_overlap(in_demo: DemoClinic) -> None:
    for resource in set(Claim.objects.values_list("resource_id", flat=True)):
        held = sorted(c.during for c in Claim.objects.filter(resource_id=resource))
        assert all(one.upper <= other.lower for one, other in pairwise(held))


def test_history_leads_from_booking_to_the_present_state(in_demo: DemoClinic) -> None:
    visits = Appointment.objects.annotate(steps=Count("transitions"), last=Max("transitions__at"))
    assert visits.exclude(version=F("steps")).count() == 0
    assert visits.filter(last__gt=NOW).count() == 0
    for visit in visits.prefetch_related("transitions"):
        state, at = "", visit.created_at
        left = sorted(visit.transitions.all(), key=lambda step: step.at)
        while left:
            step = next(step for step in left if step.from_state == state)
            assert (step.at >= at) and (state or step.at == at)
            state, at = step.to_state, step.at
            left.remove(step)
        assert state == visit.state


def test_visits_lie_in_the_hours_of_their_practitioner(in_demo: DemoClinic) -> None:
    for visit in Appointment.objects.exclude(practitioner__speciality=URGENT_CARE).select_related("practitioner"):
        clock = visit.practitioner.place.clock
        begins, ends = visit.starts_at.astimezone(clock), visit.ends_at.astimezone(clock)
        inside = visit.practitioner.weekly.filter(weekday=begins.weekday(), opens__lte=begins.time(), closes__gte=ends.time())
        assert inside.count() == 1


def test_two_queues_are_in_progress_with_a_log_without_gaps(in_demo: DemoClinic) -> None:
    queues = Queue.objects.filter(is_open=True)
    assert len(queues) == 2
    for queue in queues:
        statuses = set(queue.tokens.values_list("status", flat=True))
        assert {"waiting", "called", "serving"} <= statuses
        log = list(queue.events.order_by("seq").values_list("seq", "at"))
        assert [seq for seq, _ in log] == list(range(1, queue.seq + 1))
        assert [at for _, at in log] == sorted(at for _, at in log)
        assert log[-1][1] <= NOW


def test_by_day_regular_practitioners_have_the_queues_and_at_night_urgent_care(in_demo: DemoClinic) -> None:
    rows = Queue.objects.filter(is_open=True).select_related("practitioner")
    urgent = {queue.practitioner.speciality == URGENT_CARE for queue in rows}
    assert urgent == {in_demo is AT_NIGHT}


def test_days_gone_by_have_numbers_and_logs_that_agree_with_the_visits_history(in_demo: DemoClinic) -> None:
    past = Queue.objects.filter(is_open=False)
    assert past.count() >= 3
    for queue in past.prefetch_related("tokens", "events"):
        tokens = list(queue.tokens.order_by("serial"))
        assert [one.serial for one in tokens] == list(range(1, queue.last_number + 1))
        log = list(queue.events.order_by("seq").values_list("seq", "at"))
        assert [seq for seq, _ in log] == list(range(1, queue.seq + 1))
        assert [at for _, at in log] == sorted(at for _, at in log)
        for token in tokens:
            steps = dict(token.appointment.transitions.values_list("verb", "at"))
            told = (token.arrived_at, token.started_at, token.finished_at)
            assert told == (steps["check_in"], steps["start"], steps["complete"])


def test_names_are_of_many_scripts_and_whatever_is_said_of_people_is_sound(in_demo: DemoClinic) -> None:
    people = list(Patient.objects.all())
    scripts = {unicodedata.name(person.last_name[0]).split()[0] for person in people}
    assert len(scripts) >= 10
    assert len({person.mrn for person in people}) == SIZE.patients
    assert all(dt.date(1925, 1, 1) < person.date_of_birth < dt.date(2025, 1, 1) for person in people)
    assert {"female", "male"} <= {person.sex for person in people}
    assert all(person.email is None or person.email.endswith(".example") for person in people)


def test_nobody_is_told_of_what_was_seeded(in_demo: DemoClinic) -> None:
    clinic = current_clinic()
    with on_platform():
        assert EventRecord.objects.filter(clinic_id=clinic.id, name="AppointmentBooked").count() == 0
        assert Job.objects.filter(clinic_id=clinic.id).exclude(name__in=("clinic.open", "queue.close")).count() == 0


def test_the_house_has_hours_and_a_place_on_the_map(in_demo: DemoClinic) -> None:
    clinic = current_clinic()
    with on_platform():
        house, urgent = Location.objects.filter(clinic=clinic.id).order_by("name")
        entry = Clinic.objects.get(pk=clinic.id)
    assert (house.name, urgent.name) == (in_demo.name, f"{in_demo.name}: Urgent care")
    assert house.hours and urgent.hours and house.latitude and house.longitude
    assert (entry.zone, entry.currency) == (in_demo.zone, in_demo.currency)
    assert entry.languages == in_demo.languages.split()


def test_the_demo_is_not_mixed_into_a_clinic_of_the_same_slug(north: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seeding, "DEMO_CLINICS", (NORTH,))
    with pytest.raises(CommandError, match="a clinic north that is not the demo's"):
        call_command("demo", "--patients", "1", "--days", "0")
    with in_clinic(north):
        assert Patient.objects.count() == 0


def test_production_is_refused_unless_it_is_really_meant(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    asked: list[seeding.Size] = []
    monkeypatch.setattr("healthcare.demo.management.commands.demo.seed", lambda size, now, say: asked.append(size) or 0)
    settings.ENVIRONMENT = "production"
    with pytest.raises(CommandError, match="this is production"):
        call_command("demo")
    assert asked == []
    call_command("demo", "--really")
    assert asked == [seeding.Size(300, 7)]
