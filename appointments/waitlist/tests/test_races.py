"""Who leaves the list while a time is being offered to them? What was held for them is the next one's at once."""

import threading
from typing import Any

import pytest
from django.utils import timezone

from appointments.models import Appointment
from appointments.tests.test_races import at_once, clinic  # noqa: F401 (the fixture)
from appointments.waitlist.models import Offer, Opening
from appointments.waitlist.services import filling, joining
from appointments.waitlist.tests.test_waitlist import Day, holder, state, work
from healthcare.core.tenancy import in_clinic


@pytest.mark.parallel
@pytest.mark.usefixtures("committed")
def test_who_leaves_in_the_moment_in_which_they_are_offered_a_time_leaves_it_to_the_next(
    clinic: Any,  # noqa: F811
    monkeypatch: Any,
) -> None:
    with in_clinic(clinic):
        day = Day()
        wish, second = day.wish(urgency="high"), day.wish()
        day.free()
        opening = Opening.objects.get()
    hold, is_theirs = filling.hold, threading.Event()

    def slowly(**wanted: Any) -> Any:
        held = hold(**wanted)
        is_theirs.set()
        threading.Event().wait(0.3)
        return held

    def leave() -> None:
        is_theirs.wait(20)
        joining.leave(wish=wish, by=None, now=timezone.now())

    monkeypatch.setattr(filling, "hold", slowly)
    assert at_once(clinic, [lambda: filling.fill(opening_id=opening.id, now=timezone.now()), leave]) == {"done": 2}
    with in_clinic(clinic):
        answer = Offer.objects.get().state, Appointment.objects.get(offer__wish=wish).state
        assert (state(wish), *answer) == ("left", "declined", "cancelled")
        work()
        assert holder() == second
