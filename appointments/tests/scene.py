"""Where do the tests of this app play? A Monday at north, 09:00 in Berlin, a doctor who works nine to five."""

import datetime as dt
from typing import Any

from appointments.models import Appointment, Practitioner
from appointments.services.booking import book
from healthcare.tests import make

NOW = dt.datetime(2030, 6, 3, 7, 0, tzinfo=dt.UTC)
NINE_TO_FIVE = [(weekday, dt.time(9), dt.time(17)) for weekday in range(5)]


def at(text: str) -> dt.datetime:
    """Wall clock of Berlin on that Monday, "10:00", or so many days later, "2 10:00"."""
    days, _, clock = text.rpartition(" ")
    hour, minute = map(int, clock.split(":"))
    return dt.datetime(2030, 6, 3, hour - 2, minute, tzinfo=dt.UTC) + dt.timedelta(days=int(days or 0))


def doctor(**known: Any) -> Practitioner:
    made = make.practitioner(**{"weekly": NINE_TO_FIVE, **known})
    return Practitioner.objects.with_place().get(pk=made.pk)


def booked(who: Practitioner, chart: Any, starts_at: dt.datetime, **more: Any) -> Appointment:
    known = {"kind": "consultation", "by": None, "now": NOW, **more}
    return book(patient=chart, practitioner=who, starts_at=starts_at, **known)


def codes(refused: Any) -> list[str]:
    return [reason.code for reason in refused.value.reasons]


def first_free(client: Any, doctor: Practitioner, number: int = 0) -> str:
    answer = client.get(f"/appointments/doctor/{doctor.id}/availability", {"days": 2})
    assert answer.status_code == 200, answer.data
    soon = dt.datetime.now(dt.UTC) + dt.timedelta(minutes=1)  # what begins right now is past by the time it is booked
    starts = [slot["starts_at"] for slot in answer.json()["slots"]]
    return [one for one in starts if dt.datetime.fromisoformat(one) > soon][number]


def book_over_rest(client: Any, doctor: Practitioner, number: int = 0, **more: Any) -> Any:
    wanted = {"kind": "consultation", "doctor": str(doctor.id), "starts_at": first_free(client, doctor, number), **more}
    return client.post("/appointments", wanted, format="json")
