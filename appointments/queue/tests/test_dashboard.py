"""Are the figures of a clinic's day true, for whom, at what cost, and never older than the last change?"""

import datetime as dt

import pytest
from django.utils import timezone

from appointments import dashboard
from appointments.models import Appointment
from appointments.queue.models import Token
from appointments.queue.services import calling, tokens
from appointments.queue.services.opening import open_queue
from appointments.slots import local_days
from healthcare.core.tenancy import in_clinic
from healthcare.tests import make
from patients.models import Patient

URL = "/clinics/north/dashboard"
MINUTE = dt.timedelta(minutes=1)


@pytest.fixture
def day(north):
    """Two doctors: one with a line of three, one with a booking; a month with one no-show and three that took place."""
    now = timezone.now()
    with in_clinic(north):
        doctor, other = make.practitioner(), make.practitioner()
        clock = doctor.place.clock
        noon = local_days(now.astimezone(clock).date(), 1, clock).start + dt.timedelta(hours=12)
        for number, state in enumerate(["scheduled", "scheduled", "cancelled"]):
            _appointment(doctor, noon + number * 30 * MINUTE, state)
        _appointment(other, noon, "confirmed")
        for number, state in enumerate(["no_show", "completed", "completed", "completed"], 1):
            _appointment(doctor, noon - dt.timedelta(days=number), state)
        queue = open_queue(practitioner=doctor, at=now, by=None, now=now)
        for minutes in (30, 20, 10):
            tokens.walk_in(queue=queue, patient=None, by=None, now=now - minutes * MINUTE)
        Token.objects.filter(number__endswith="003").update(priority="urgent")
        first = calling.call_next(queue=queue, by=None, now=now - 6 * MINUTE)
        calling.start(token=first, by=None, now=now - 5 * MINUTE)
    return doctor, other


def _appointment(doctor, starts_at, state):
    row = Appointment(
        kind="consultation", patient=make.patient(), practitioner=doctor, location_id=doctor.location_id, state=state,
        starts_at=starts_at, ends_at=starts_at + 30 * MINUTE,
    )  # fmt: skip
    row.save()
    return row


@pytest.mark.django_db
class TestFigures:
    def test_they_are_counted_from_what_is_there(self, day, api):
        answer = api("receptionist").get(URL)
        assert answer.status_code == 200, answer.json()
        seen = answer.json()
        assert seen["appointments"]["by_state"] == {"scheduled": 2, "cancelled": 1, "confirmed": 1}
        assert (seen["appointments"]["total"], seen["appointments"]["no_show_rate_30_days"]) == (4, 0.25)
        (queue,) = seen["queues"]["queues"]
        assert (queue["waiting"], queue["serving"], seen["queues"]["served"]) == (2, 1, 1)
        # the urgent one, who came ten minutes ago, went in first, after five
        assert (seen["queues"]["wait_median_minutes"], seen["urgent"]["waiting"]) in ((5.0, 0), (25.0, 1))

    def test_a_doctor_sees_their_own_day_alone(self, day, api, member, north):
        _, other = day
        who = member("doctor")
        other.user_id = who.user_id
        with in_clinic(north):
            other.save()
        seen = api(member=who).get(URL).json()
        assert (seen["appointments"]["by_state"], seen["queues"]["queues"]) == ({"confirmed": 1}, [])

    def test_an_analyst_sees_figures_and_no_queue_and_others_see_nothing(self, day, api):
        seen = api("data_analyst").get(URL).json()
        assert (seen["appointments"]["total"], seen["queues"], seen["urgent"]) == (4, None, None)
        assert [api(role).get(URL).status_code for role in ("patient", "pharmacist", "auditor")] == [403, 403, 403]

    def test_somebody_of_another_clinic_finds_nothing(self, day, api, member, south):
        assert api(member=member("clinic_admin", clinic=south), clinic=None).get(URL).status_code == 404

    def test_nobody_is_named(self, day, api, north):
        text = api("receptionist").get(URL).content.decode()
        with in_clinic(north):
            names = [patient.first_name for patient in Patient.objects.all()]
        assert names and not [name for name in names if name in text]

    def test_it_costs_the_same_for_one_practitioner_as_for_four(self, north, django_assert_num_queries):
        with in_clinic(north):
            who, now = make.member("receptionist", north), timezone.now()
            _busy(now)
            with django_assert_num_queries(7):
                dashboard.figures(who, now)
            for _ in range(3):
                _busy(now)
            with django_assert_num_queries(7):
                assert len(dashboard.figures(who, now)["queues"]["queues"]) == 4


def _busy(now):
    doctor = make.practitioner()
    _appointment(doctor, now, "scheduled")
    tokens.walk_in(queue=open_queue(practitioner=doctor, at=now, by=None, now=now), patient=None, by=None, now=now)


@pytest.mark.parallel
def test_kept_figures_cost_no_query_and_the_next_walk_in_is_in_them(committed, north, django_assert_num_queries):
    now = timezone.now()
    with in_clinic(north):
        who = make.member("receptionist", north)
        queue = open_queue(practitioner=make.practitioner(), at=now, by=None, now=now)
        assert dashboard.figures(who, now)["queues"]["waiting"] == 0
        with django_assert_num_queries(0):
            dashboard.figures(who, now)
        tokens.walk_in(queue=queue, patient=None, by=None, now=now)
        assert dashboard.figures(who, now)["queues"]["waiting"] == 1
