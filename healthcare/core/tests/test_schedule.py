"""Is what happens by the clock owed once a bucket, by however many tickers, in each clinic's own time?"""

import datetime as dt
import threading

import pytest
import redis
from django.db import OperationalError

from healthcare.core import jobs, owed, ticking, upkeep, waking
from healthcare.core.ids import new_id
from healthcare.core.job_queues import GROUPS
from healthcare.core.models import Heartbeat, Job
from healthcare.core.periodic import Periodic, Place, Timetable
from healthcare.core.ticking import Ticker
from healthcare.schedule import PERIODIC

NOON = dt.datetime(2026, 11, 22, 12, 0, tzinfo=dt.UTC)
SECOND = dt.timedelta(seconds=1)
BERLIN = Place(None, "Europe/Berlin")


@pytest.fixture
def minutely(monkeypatch):
    monkeypatch.setattr(jobs, "_work", dict(jobs._work))
    jobs.job("t.minutely", queue="service")(lambda: None)
    return (Periodic("t.minutely", every=60),)


@pytest.fixture
def nightly(monkeypatch):
    monkeypatch.setattr(jobs, "_work", dict(jobs._work))
    jobs.job("t.nightly", queue="service")(lambda: None)
    return (Periodic("t.nightly", at=dt.time(3), per_clinic=True),)


def how_many(name):
    return Job.objects.filter(name=name).count()


def test_a_bucket_is_owed_once_and_the_next_one_again(db, minutely):
    timetable = Timetable(minutely)
    assert [timetable.owe(NOON + n * 20 * SECOND) for n in range(5)] == [1, 0, 0, 1, 0]
    assert how_many("t.minutely") == 2


def test_two_tickers_owe_a_bucket_once(db, minutely):
    for timetable in (Timetable(minutely), Timetable(minutely)):
        timetable.owe(NOON)
    assert how_many("t.minutely") == 1


def test_a_clock_that_is_set_back_owes_nothing_twice(db, minutely):
    timetable = Timetable(minutely)
    for now in (NOON, NOON + 61 * SECOND, NOON, NOON + 61 * SECOND):
        timetable.owe(now)
    assert how_many("t.minutely") == 2


def test_a_round_without_news_asks_the_database_nothing(db, minutely, nightly, django_assert_num_queries):
    timetable = Timetable((*minutely, Periodic("t.nightly", at=dt.time(3))))
    timetable.owe(NOON)
    with django_assert_num_queries(0):
        timetable.owe(NOON + SECOND)


def test_each_clinic_has_its_own_night(north, south, nightly):
    """North is in Berlin (03:00 is 02:00 UTC), south in Kolkata (03:00 is 21:30 UTC of the day before)."""
    timetable = Timetable(nightly)
    timetable.owe(dt.datetime(2026, 11, 21, 21, 0, tzinfo=dt.UTC))
    keys = set(Job.objects.filter(name="t.nightly").values_list("key", flat=True))
    assert keys == {f"t.nightly:{north.id}:2026-11-21", f"t.nightly:{south.id}:2026-11-21"}
    assert timetable.owe(dt.datetime(2026, 11, 21, 21, 29, 59, tzinfo=dt.UTC)) == 0
    assert timetable.owe(dt.datetime(2026, 11, 21, 21, 30, tzinfo=dt.UTC)) == 1
    assert timetable.owe(dt.datetime(2026, 11, 22, 1, 59, 59, tzinfo=dt.UTC)) == 0
    assert timetable.owe(dt.datetime(2026, 11, 22, 2, 0, tzinfo=dt.UTC)) == 1
    assert Job.objects.filter(name="t.nightly", clinic_id=south.id).count() == 2


def test_a_wall_clock_time_happens_once_on_the_night_that_repeats_it():
    entry = Periodic("t.x", at=dt.time(2, 30))
    night = [dt.datetime(2026, 10, 25, 0, 29, tzinfo=dt.UTC) + dt.timedelta(minutes=30 * n) for n in range(4)]
    assert [entry.bucket(now, BERLIN) for now in night] == ["2026-10-24", "2026-10-25", "2026-10-24", "2026-10-25"]


def test_a_wall_clock_time_happens_once_on_the_night_that_skips_it():
    entry = Periodic("t.x", at=dt.time(2, 30))  # 02:30 does not exist there that night
    before, after = (dt.datetime(2026, 3, 29, *hm, tzinfo=dt.UTC) for hm in ((0, 59), (1, 0)))
    assert [entry.bucket(now, BERLIN) for now in (before, after)] == ["2026-03-28", "2026-03-29"]


def test_clinics_take_turns_within_a_bucket():
    entry, places = Periodic("t.x", every=300, per_clinic=True), [Place(new_id(), "UTC") for _ in range(50)]
    begins = {
        place: [n for n in range(300) if entry.bucket(NOON + n * SECOND, place) != entry.bucket(NOON, place)]
        for place in places
    }
    assert len({min(found) for found in begins.values() if found}) > 25


def test_every_entry_of_the_table_can_be_done():
    for entry in PERIODIC:
        assert entry.job in jobs.registered(), entry
        assert (entry.at is None) == (entry.every > 0), entry
        assert jobs.registered()[entry.job].on_platform != entry.per_clinic, entry
    assert len({entry.job for entry in PERIODIC}) == len(PERIODIC)


def test_no_bucket_outlives_the_key_that_keeps_it_single():
    for entry in PERIODIC:
        kept = upkeep.KEEP_HEARTBEATS if entry.job.startswith(upkeep.HEARTBEAT) else upkeep.KEEP_JOBS
        assert dt.timedelta(seconds=entry.every) < kept, entry


# -- the ticker --------------------------------------------------------------------------------------------------------


@pytest.fixture
def ticker(minutely):
    return Ticker(minutely, threading.Event())


def test_a_round_owes_sends_and_beats(db, ticker, monkeypatch):
    sent = []
    monkeypatch.setattr(waking, "wake", lambda queue, number=1: sent.extend([queue] * number))
    jobs.enqueue("t.minutely", key="t.minutely:lost")
    Job.objects.update(sent_at=None)
    ticker.round()
    assert sent == ["service"]
    assert how_many("t.minutely") == 2
    assert Heartbeat.objects.get(part="ticker").seen_at is not None


def test_the_heartbeat_is_written_every_two_seconds_not_every_round(db, ticker, monkeypatch):
    beats, clock = [], iter([NOON + n * SECOND / 2 for n in range(9)])
    monkeypatch.setattr(ticking, "beat", lambda part, now: beats.append((now - NOON).total_seconds()))
    monkeypatch.setattr(ticking.timezone, "now", lambda: next(clock))
    monkeypatch.setattr(owed, "send_owed", lambda: 0)
    monkeypatch.setattr(ticker.timetable, "owe", lambda now: 0)
    for _ in range(9):
        ticker.round()
    assert beats == [0, 2, 4]


@pytest.mark.parametrize("outage", [OperationalError, redis.ConnectionError, OSError])
def test_an_outage_costs_one_line_and_longer_pauses_until_it_is_over(ticker, caplog, monkeypatch, outage):
    monkeypatch.setattr(ticking.connections, "close_all", lambda: None)
    pauses = [ticker.pause]
    for _ in range(6):
        ticker.guarded(lambda: (_ for _ in ()).throw(outage("Asha Rao")))
        pauses.append(ticker.pause)
    ticker.guarded(lambda: None)
    ticker.guarded(lambda: None)
    assert pauses == [0.5, 1.0, 2.0, 4.0, 5.0, 5.0, 5.0]
    assert ticker.pause == 0.5
    assert [record.message for record in caplog.records] == ["ticker.waits", "ticker.goes_on"]


def test_a_fault_of_ours_is_not_taken_for_an_outage(ticker):
    with pytest.raises(ZeroDivisionError):
        ticker.guarded(lambda: 1 / 0)


def test_the_ticker_ends_when_it_is_told_to(ticker, monkeypatch):
    rounds = []
    monkeypatch.setattr(ticking, "ROUND", 0.001)
    monkeypatch.setattr(ticker, "round", lambda: (rounds.append(1), len(rounds) == 3 and ticker.stop.set()))
    ticker.run()
    assert len(rounds) == 3


def test_each_worker_group_shows_that_it_works(db):
    for group in GROUPS:
        jobs.run(jobs.enqueue(f"core.heartbeat.{group}", key=f"core.heartbeat.{group}:1"))
    assert set(Heartbeat.objects.values_list("part", flat=True)) == {f"worker:{group}" for group in GROUPS}


def test_a_later_heartbeat_replaces_the_earlier(db):
    upkeep.beat("ticker", NOON)
    upkeep.beat("ticker", NOON + SECOND)
    assert Heartbeat.objects.get(part="ticker").seen_at == NOON + SECOND
