"""Does a reader of the feed miss nothing that was committed late?"""

import datetime as dt
import threading

import pytest
from django.db import connections, transaction

from healthcare.core.ids import new_id
from healthcare.core.models import EventRecord
from notifications.webhooks import feed


@pytest.mark.parallel
def test_the_feed_waits_for_a_transaction_that_is_still_open(committed, north, monkeypatch):
    """Its event has a smaller id than one that was committed meanwhile: a reader must not pass it."""
    monkeypatch.setattr(feed, "MARGIN", dt.timedelta())
    began, may_end = threading.Event(), threading.Event()

    def slow():
        with transaction.atomic():
            EventRecord(id=new_id(), clinic_id=north.id, name="AppointmentBooked").save()
            began.set()
            may_end.wait(20)
        connections.close_all()

    thread = threading.Thread(target=slow)
    thread.start()
    try:
        assert began.wait(20)
        EventRecord(id=new_id(), clinic_id=north.id, name="AppointmentMoved").save()
        assert feed.after(north.id, None, 10) == []
    finally:
        may_end.set()
        thread.join(20)
    monkeypatch.setattr(feed, "MARGIN", dt.timedelta(seconds=-1))
    assert [event.name for event in feed.after(north.id, None, 10)] == ["AppointmentBooked", "AppointmentMoved"]
