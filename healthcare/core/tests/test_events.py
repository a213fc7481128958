"""Is what happened recorded with the change, told to its listeners, and free of health data?"""

from collections import defaultdict
from dataclasses import dataclass
from uuid import UUID

import pytest
from django.db import ProgrammingError, connection, transaction

from healthcare.core import events
from healthcare.core.context import acting_as
from healthcare.core.events import Event, NotAnId, listeners_of, listens_to, publish
from healthcare.core.ids import new_id
from healthcare.core.models import EventRecord
from healthcare.core.tenancy import on_platform


@dataclass(frozen=True)
class TeaServed(Event):
    cup_id: UUID
    sort: str = "assam"


@pytest.fixture(autouse=True)
def _own_listeners(monkeypatch):
    monkeypatch.setattr(events, "_listeners", defaultdict(list))


def test_an_event_is_recorded_with_clinic_actor_and_request(in_north):
    cup, actor = new_id(), new_id()
    with acting_as(actor_id=actor, request_id="req-12345678"):
        publish(TeaServed(cup_id=cup))
    with on_platform():
        row = EventRecord.objects.get(name="TeaServed")
    assert row.payload == {"cup_id": str(cup), "sort": "assam"}
    assert (row.clinic_id, row.actor_id, row.request_id) == (in_north.id, actor, "req-12345678")


def test_a_rollback_takes_the_event_with_it(db):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        publish(TeaServed(cup_id=new_id()))
        raise ZeroDivisionError
    assert EventRecord.objects.count() == 0


def test_listeners_hear_of_their_event_in_the_order_they_registered(db):
    heard = []
    listens_to(TeaServed)(lambda event: heard.append(("first", event.sort)))
    listens_to(TeaServed)(lambda event: heard.append(("second", event.sort)))
    publish(TeaServed(cup_id=new_id()))
    assert heard == [("first", "assam"), ("second", "assam")]
    assert len(listeners_of(TeaServed)) == 2


def test_a_listener_that_fails_takes_the_change_with_it(db):
    @listens_to(TeaServed)
    def fail(event):
        raise LookupError

    with pytest.raises(LookupError), transaction.atomic():
        publish(TeaServed(cup_id=new_id()))
    assert EventRecord.objects.count() == 0


@pytest.mark.parallel
def test_an_event_outside_a_transaction_is_refused(committed):
    with pytest.raises(RuntimeError):
        publish(TeaServed(cup_id=new_id()))
    assert EventRecord.objects.count() == 0


@pytest.mark.parametrize("secret", ["Asha", "headache since Monday", "asha@people.example", "+919812345678", "1990-02-28"])
def test_an_event_that_could_hold_health_data_is_refused(db, secret):
    with pytest.raises(NotAnId):
        publish(TeaServed(cup_id=new_id(), sort=secret))
    assert EventRecord.objects.count() == 0


@pytest.mark.parametrize("code", ["assam", "checked_in", "appointment.booked", "en", "a-001", ""])
def test_a_short_code_is_carried(db, code):
    publish(TeaServed(cup_id=new_id(), sort=code))
    assert EventRecord.objects.get().payload["sort"] == code


def test_a_clinics_role_may_add_events_and_read_none(in_north):
    publish(TeaServed(cup_id=new_id()))
    with pytest.raises(ProgrammingError), transaction.atomic():
        EventRecord.objects.count()
    with on_platform():
        assert EventRecord.objects.count() == 1
    assert connection.schema_name == in_north.schema_name
