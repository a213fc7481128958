"""Has a person five calendar addresses at most, also when they ask for many at once?"""

from typing import Any

import pytest

from appointments.calendars.models import CalendarFeed
from appointments.calendars.services.feeds import open_feed
from appointments.tests.scene import NOW
from appointments.tests.test_races import at_once, clinic  # noqa: F401 (the fixture)
from healthcare.core.tenancy import in_clinic


@pytest.mark.parallel
@pytest.mark.usefixtures("committed")
def test_five_addresses_are_five_also_asked_for_at_once(clinic: Any, member: Any) -> None:  # noqa: F811
    who = member("patient").user_id
    came = at_once(clinic, [lambda: open_feed(name="mine", by=who, now=NOW)] * 8)
    with in_clinic(clinic):
        assert (came, CalendarFeed.objects.count()) == ({"done": 5, "too_many_feeds": 3}, 5)
