"""Are the events and jobs of one change written together, where and only where each would have been written alone?"""

from collections import defaultdict
from dataclasses import dataclass
from uuid import UUID

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from healthcare.core import events, jobs
from healthcare.core.events import Event, listens_to, publish
from healthcare.core.gathering import gathered
from healthcare.core.ids import new_id
from healthcare.core.models import EventRecord, Job
from healthcare.core.tenancy import on_platform


@dataclass(frozen=True)
class PotFilled(Event):
    pot_id: UUID


@dataclass(frozen=True)
class CupFilled(Event):
    cup_id: UUID


@pytest.fixture(autouse=True)
def _own_listeners_and_work(monkeypatch):
    monkeypatch.setattr(events, "_listeners", defaultdict(list))
    monkeypatch.setattr(jobs, "_work", dict(jobs._work))
    jobs.job("t.owed", queue="service")(lambda: None)


def owe(key):
    return jobs.enqueue("t.owed", key=f"t.owed:{key}")


def keys():
    with on_platform():
        return sorted(Job.objects.filter(name="t.owed").values_list("key", flat=True))


def told():
    with on_platform():
        return list(
            EventRecord.objects.filter(name__in=("PotFilled", "CupFilled")).order_by("id").values_list("name", flat=True)
        )


def statements(seen):
    return [q["sql"].split()[2].strip('"') for q in seen if q["sql"].startswith("INSERT")]


def test_what_listeners_owe_and_tell_is_written_in_one_statement_a_table(in_north):
    @listens_to(PotFilled)
    def pour(event):
        owe("b")
        publish(CupFilled(cup_id=event.pot_id))

    @listens_to(CupFilled)
    def drink(event):
        owe("a")
        owe("c")

    with CaptureQueriesContext(connection) as seen:
        publish(PotFilled(pot_id=new_id()))
    assert statements(seen) == ["event", "job"]
    assert (told(), keys()) == (["PotFilled", "CupFilled"], ["t.owed:a", "t.owed:b", "t.owed:c"])


def test_a_key_is_owed_once_also_within_one_gathering(in_north):
    owe("a")
    with gathered():
        owe("a")
        owe("b")
        owe("b")
    assert keys() == ["t.owed:a", "t.owed:b"]


def test_a_savepoint_that_is_taken_back_takes_its_own_and_leaves_the_rest(in_north):
    @listens_to(PotFilled)
    def pour(event):
        owe("before")
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            owe("within")
            publish(CupFilled(cup_id=event.pot_id))
            raise ZeroDivisionError
        with transaction.atomic():
            owe("kept")

    publish(PotFilled(pot_id=new_id()))
    assert (told(), keys()) == (["PotFilled"], ["t.owed:before", "t.owed:kept"])


def test_a_listener_that_fails_leaves_nothing_of_what_was_gathered(in_north):
    @listens_to(PotFilled)
    def pour(event):
        owe("a")
        raise LookupError

    with pytest.raises(LookupError), transaction.atomic():
        publish(PotFilled(pot_id=new_id()))
    publish(CupFilled(cup_id=new_id()))
    assert (told(), keys()) == (["CupFilled"], [])


def test_what_is_owed_to_the_platform_is_written_by_the_platforms_role(in_north):
    """The two are not mixed: a clinic's role may not write what is no clinic's."""
    with gathered():
        owe("clinic")
        with on_platform():
            owe("platform")
            assert keys() == ["t.owed:platform"]
    with on_platform():
        owners = dict(Job.objects.filter(name="t.owed").values_list("key", "clinic_id"))
    assert owners == {"t.owed:clinic": in_north.id, "t.owed:platform": None}


def test_what_waits_can_be_withdrawn(in_north):
    with gathered():
        owe("a")
        assert jobs.cancel("t.owed:a") == 1
    with on_platform():
        assert Job.objects.get(key="t.owed:a").state == "cancelled"


def test_what_follows_in_a_savepoint_is_read_after_what_it_follows(in_north):
    """It is written first; the feed reads by id, and ids are in the order in which events were made."""

    @listens_to(PotFilled)
    def pour(event):
        with transaction.atomic():
            publish(CupFilled(cup_id=event.pot_id))

    publish(PotFilled(pot_id=new_id()))
    assert told() == ["PotFilled", "CupFilled"]
