"""Many workers, killed ones, real connections: is each job done once?"""

import threading
import time
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, connections

from healthcare.core import jobs, owed
from healthcare.core.job_queues import BY_NAME
from healthcare.core.models import Heartbeat, Job
from healthcare.core.tests.jobs.effects import make_due, note, only_job


@pytest.mark.parallel
def test_two_workers_at_once_do_a_job_once(committed, work):
    together, may_end, ran, answers = threading.Barrier(2, timeout=10), threading.Event(), [], []

    def slow():
        ran.append(1)
        may_end.wait(10)

    work("t.slow", slow)
    job_id = jobs.enqueue("t.slow", key="t.slow:1")

    def worker():
        together.wait()
        answers.append(jobs.run(job_id))
        may_end.set()  # whoever was turned away lets the other end
        connections.close_all()

    run_together(worker, worker)
    assert sorted(answers) == [False, True]
    assert (len(ran), only_job("t.slow").state) == (1, "done")


@pytest.mark.parallel
def test_a_key_owed_by_many_at_once_is_owed_once(committed, work):
    together = threading.Barrier(4, timeout=10)
    work("t.race", lambda: None)

    def owe():
        together.wait()
        jobs.enqueue("t.race", key="t.race:1")
        connections.close_all()

    run_together(owe, owe, owe, owe)
    assert Job.objects.filter(name="t.race").count() == 1


@pytest.mark.parallel
def test_a_worker_that_is_killed_in_the_middle_leaves_nothing_and_another_takes_over(committed, work, sent):
    def die():
        note("t.killed")
        if only_alive.is_set():
            return
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            (pid,) = cursor.fetchone()
        kill_backend(pid)
        note("t.never")

    only_alive = threading.Event()
    work("t.killed", die)
    job_id = jobs.enqueue("t.killed", key="t.killed:1")
    # as a kill -9 would: whoever dies can't note a failure
    failed = jobs._failed
    jobs._failed = lambda *_: None
    try:
        assert jobs.run(job_id) is False
    finally:
        jobs._failed = failed
    assert (only_job("t.killed").state, Heartbeat.objects.count()) == ("running", 0)
    sent.clear()
    assert owed.send_owed() == 1
    assert (sent, only_job("t.killed").state) == (["service"], "ready")
    only_alive.set()
    assert jobs.run(job_id) is True
    assert list(Heartbeat.objects.values_list("part", flat=True)) == ["t.killed"]
    assert (only_job("t.killed").state, only_job("t.killed").attempts, only_job("t.killed").lost) == ("done", 1, 1)


@pytest.mark.parallel
def test_a_connection_that_is_lost_is_noted_as_a_failure_on_a_new_one(committed, work):
    def lose():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            (pid,) = cursor.fetchone()
        kill_backend(pid)
        note("t.never")

    work("t.lost", lose)
    assert jobs.run(jobs.enqueue("t.lost", key="t.lost:1")) is False
    assert (only_job("t.lost").state, only_job("t.lost").error) == ("ready", "OperationalError")


@pytest.mark.parallel
def test_a_try_that_outlasts_its_limit_loses_its_connection_and_is_tried_again(committed, work, monkeypatch):
    monkeypatch.setitem(jobs.BY_NAME, "service", BY_NAME["service"]._replace(time_limit=1))

    def linger():
        note("t.linger")
        time.sleep(1.5)  # not in the database: only the server's own clock can tell

    work("t.linger", linger)
    assert jobs.run(jobs.enqueue("t.linger", key="t.linger:1")) is False
    assert (only_job("t.linger").state, Heartbeat.objects.count()) == ("ready", 0)


@pytest.mark.parallel
def test_the_ticker_does_not_send_what_a_worker_is_at(committed, work, sent, monkeypatch):
    began, may_end = threading.Event(), threading.Event()

    def slow():
        began.set()
        may_end.wait(10)

    work("t.busy", slow)
    job_id = jobs.enqueue("t.busy", key="t.busy:1")
    worker = threading.Thread(target=lambda: (jobs.run(job_id), connections.close_all()))
    worker.start()
    try:
        assert began.wait(10)
        sent.clear()
        assert owed.send_owed() == 0
    finally:
        may_end.set()
        worker.join(10)
    assert only_job("t.busy").state == "done"


@pytest.mark.parallel
def test_a_worker_that_is_slow_to_begin_is_not_taken_for_dead(committed, work, sent, monkeypatch):
    """Between the count of the try and the row's lock it holds nothing but the job's own lock."""
    began, may_go_on, lock = threading.Event(), threading.Event(), jobs._under_lock

    def late(job_id):
        began.set()
        may_go_on.wait(10)
        return lock(job_id)

    monkeypatch.setattr(jobs, "_under_lock", late)
    work("t.slow", lambda: None)
    job_id = jobs.enqueue("t.slow", key="t.slow:1")
    worker = threading.Thread(target=lambda: (jobs.run(job_id), connections.close_all()))
    worker.start()
    try:
        assert began.wait(10)
        sent.clear()
        assert owed.send_owed() == 0
    finally:
        may_go_on.set()
        worker.join(10)
    assert (only_job("t.slow").state, only_job("t.slow").attempts) == ("done", 1)


@pytest.mark.parallel
def test_nobody_holds_a_job_after_its_try(committed, work):
    def fail():
        raise ValueError

    work("t.good", lambda: None)
    work("t.bad", fail)
    assert [jobs.run(jobs.enqueue(name, key=f"{name}:1")) for name in ("t.good", "t.bad")] == [True, False]
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()")
        assert cursor.fetchone() == (0,)


@pytest.mark.parallel
def test_two_tickers_at_once_send_each_job_once(committed, work, sent):
    together = threading.Barrier(2, timeout=10)
    work("t.tick", lambda: None)
    for n in range(20):
        make_due(jobs.enqueue("t.tick", key=f"t.tick:{n}", after=timedelta(minutes=5)))

    def tick():
        together.wait()
        owed.send_owed()
        connections.close_all()

    run_together(tick, tick)
    assert len(sent) == 20


@pytest.mark.parallel
def test_a_job_fails_alone_when_a_constraint_says_no(committed, work):
    note("t.taken")
    work("t.taken", lambda: note("t.taken"))
    jobs.run(jobs.enqueue("t.taken", key="t.taken:1"))
    assert only_job("t.taken").error == IntegrityError.__name__


def run_together(*targets):
    threads = [threading.Thread(target=target) for target in targets]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)


def kill_backend(pid):
    """From another connection of the same role, which is allowed to end its own."""
    done = []

    def end():
        with connections["default"].cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s)", [pid])
            done.append(cursor.fetchone()[0])
        connections.close_all()

    thread = threading.Thread(target=end)
    thread.start()
    thread.join(10)
    assert done == [True]
