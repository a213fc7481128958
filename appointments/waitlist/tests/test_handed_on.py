"""What becomes of an offer whose hold is transferred, checked in or not used, and of times that others leave by such a way?"""

from typing import Any

import pytest
from django.utils import timezone

from appointments.models import Practitioner
from appointments.services import steps
from appointments.services.handing_over import reassign, transfer
from appointments.waitlist.models import Offer, Opening
from appointments.waitlist.tests.test_waitlist import Day, holder, state, work
from healthcare.tests import make
from patients.services.merging import merge

pytestmark = pytest.mark.django_db


@pytest.fixture
def tomorrow(in_north: Any) -> Day:
    return Day()


@pytest.fixture
def colleague(tomorrow: Day) -> Practitioner:
    return Practitioner.objects.with_place().get(pk=make.practitioner(horizon_days=3).pk)


def offered(day: Day, wish: Any) -> Any:
    day.free(), work()
    return Offer.objects.get(wish=wish).appointment


def test_an_offer_that_is_transferred_gives_its_patient_the_successor_and_the_time_to_the_next(
    tomorrow: Day, colleague: Practitioner
) -> None:
    first, second = tomorrow.wish(urgency="high"), tomorrow.wish()
    row = offered(tomorrow, first)
    successor = transfer(appointment=row, practitioner=colleague, by=None, now=timezone.now())
    first.refresh_from_db()
    assert (first.state, first.appointment_id) == ("booked", successor.pk)
    work()
    assert holder() == second


def test_who_comes_before_they_answered_has_taken_the_offer(tomorrow: Day) -> None:
    wish = tomorrow.wish()
    steps.check_in(appointment=offered(tomorrow, wish), by=None, now=tomorrow.starts_at)
    assert (state(wish), Opening.objects.get().state) == ("booked", "filled")


def test_an_offer_marked_as_not_used_goes_to_the_next(tomorrow: Day) -> None:
    first, second = tomorrow.wish(urgency="high"), tomorrow.wish()
    steps.no_show(appointment=offered(tomorrow, first), by=None, now=tomorrow.starts_at)
    work()
    assert (state(first), holder()) == ("waiting", second)


@pytest.mark.parametrize("verb", [transfer, reassign])
def test_the_time_that_an_appointment_leaves_to_a_colleague_is_offered(
    tomorrow: Day, colleague: Practitioner, verb: Any
) -> None:
    wish = tomorrow.wish(practitioner=tomorrow.doctor)
    verb(appointment=tomorrow.row, practitioner=colleague, by=None, now=tomorrow.now)
    work()
    offer = Offer.objects.get()
    assert (offer.wish, offer.opening.practitioner, offer.opening.starts_at) == (wish, tomorrow.doctor, tomorrow.starts_at)


def test_what_is_offered_to_a_chart_that_ends_goes_to_the_one_it_became_part_of_where_that_waits_too(
    tomorrow: Day, in_north: Any
) -> None:
    source, target = make.patient(), make.patient()
    ends, stays = tomorrow.wish(urgency="high", patient=source), tomorrow.wish(patient=target)
    held = offered(tomorrow, ends)
    merge(source=source, target=target, reason="one person", by=make.member("receptionist", in_north), now=timezone.now())
    work()
    held.refresh_from_db()
    assert (state(ends), held.state, holder()) == ("left", "cancelled", stays)
