"""Is what has served its time thrown away, and nothing else?"""

import datetime as dt

import pytest
from django.utils import timezone

from healthcare.core import upkeep
from healthcare.core.ids import first_id_at, new_id
from healthcare.core.models import Count, Job, StoredAnswer

HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)


def ended_job(age, name="t.old", state=Job.State.DONE, finished=True):
    """A job that was made, and ended, `age` ago."""
    then = timezone.now() - age
    made = first_id_at(then).int + new_id().int % 2**62
    row = Job(name=name, queue="service", key=f"{name}:{new_id()}", state=state, due_at=then)
    row.id, row.finished_at = type(row.id)(int=made), then if finished else None
    row.save(force_insert=True)
    return row


def left():
    return set(Job.objects.values_list("id", flat=True))


def test_before_the_first_id_there_is_none():
    long_ago = dt.datetime(1, 1, 1, tzinfo=dt.UTC)
    assert first_id_at(long_ago).int < new_id().int
    assert first_id_at(long_ago) == first_id_at(dt.datetime(1970, 1, 1, tzinfo=dt.UTC))


def test_an_id_made_later_is_larger_and_one_made_earlier_smaller():
    before = timezone.now() - dt.timedelta(milliseconds=2)
    made = new_id()
    assert first_id_at(before) < made < first_id_at(timezone.now() + dt.timedelta(milliseconds=2))
    assert first_id_at(before).version == 7


def test_done_and_withdrawn_jobs_go_after_a_week(db):
    ended_job(7 * DAY + HOUR)
    ended_job(7 * DAY + HOUR, state=Job.State.CANCELLED, finished=False)
    kept = ended_job(7 * DAY - HOUR)
    upkeep.prune_jobs()
    assert left() == {kept.id}


@pytest.mark.parametrize("state", [Job.State.READY, Job.State.RUNNING, Job.State.DEAD])
def test_a_job_that_is_not_at_its_end_stays_however_old(db, state):
    kept = ended_job(30 * DAY, state=state)
    upkeep.prune_jobs()
    assert left() == {kept.id}


def test_a_job_that_waited_long_and_ended_lately_stays(db):
    kept = ended_job(30 * DAY)
    Job.objects.update(finished_at=timezone.now() - DAY)
    upkeep.prune_jobs()
    assert left() == {kept.id}


def test_heartbeats_go_after_an_hour(db):
    ended_job(2 * HOUR, name="core.heartbeat.care")
    kept = {ended_job(HOUR / 2, name="core.heartbeat.care").id, ended_job(2 * HOUR).id}
    upkeep.prune_jobs()
    assert left() == kept


def test_stored_answers_go_after_a_day(db):
    for key, age in ((b"old", DAY + HOUR), (b"new", DAY - HOUR)):
        StoredAnswer.objects.create(key=key, fingerprint=b"x")
        StoredAnswer.objects.filter(key=key).update(created_at=timezone.now() - age)
    upkeep.prune_answers()
    assert [bytes(key) for key in StoredAnswer.objects.values_list("key", flat=True)] == [b"new"]


def test_counts_go_when_their_window_is_over(db):
    Count.objects.create(key="over", count=1, until=timezone.now() - HOUR)
    Count.objects.create(key="open", count=1, until=timezone.now() + HOUR)
    upkeep.prune_answers()
    assert list(Count.objects.values_list("key", flat=True)) == ["open"]
