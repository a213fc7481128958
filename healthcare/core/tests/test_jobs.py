"""Is work owed exactly when its change is, done once, tried again, and given up in the open?"""

import threading
import time
from datetime import timedelta
from unittest.mock import Mock

import pytest
from django.db import IntegrityError, connection, connections, transaction
from django.utils import timezone

from healthcare.core import dead_letters, jobs, owed, picking, tasks
from healthcare.core.bulkheads import Bulkhead
from healthcare.core.context import acting
from healthcare.core.events import NotAnId
from healthcare.core.ids import new_id
from healthcare.core.job_queues import BY_NAME, GROUPS, JOB_QUEUES, names
from healthcare.core.models import EventRecord, Heartbeat, Job, Priority
from healthcare.core.tenancy import clinic_or_none, in_clinic, on_platform

RETRIES = BY_NAME["service"].retries


@pytest.fixture
def work(monkeypatch):
    """Registers jobs for one test, on the queue `service` unless said otherwise."""
    monkeypatch.setattr(jobs, "_work", dict(jobs._work))

    def register(name, function, **kwargs):
        return jobs.job(name, **{"queue": "service", **kwargs})(function)

    return register


@pytest.fixture
def sent(monkeypatch):
    """What would go to the broker: names of queues."""
    messages = []
    monkeypatch.setattr(tasks.work_one, "apply_async", lambda args, queue, **_: messages.append(queue), raising=False)
    return messages


def note(part):
    """A visible effect in our own database."""
    Heartbeat(part=part, seen_at=timezone.now()).save(force_insert=True)


def only_job(name):
    return Job.objects.get(name=name)


def make_due(job_id):
    Job.objects.filter(id=job_id).update(due_at=timezone.now() - timedelta(seconds=1))


# -- owing -------------------------------------------------------------------------------------------------------------


def test_the_same_key_is_owed_once(db, work):
    work("t.once", lambda: None)
    for _ in range(3):
        jobs.enqueue("t.once", key="t.once:1")
    assert Job.objects.filter(name="t.once").count() == 1


def test_another_key_is_owed_too(db, work):
    work("t.once", lambda: None)
    jobs.enqueue("t.once", key="t.once:1")
    jobs.enqueue("t.once", key="t.once:2")
    assert Job.objects.filter(name="t.once").count() == 2


def test_a_rollback_leaves_neither_effect_nor_job_nor_message(db, work, sent, django_capture_on_commit_callbacks):
    work("t.rolled_back", lambda: None)
    with django_capture_on_commit_callbacks(execute=True):
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            note("t.effect")
            jobs.enqueue("t.rolled_back", key="t.rolled_back:1")
            raise ZeroDivisionError
    assert (Job.objects.count(), Heartbeat.objects.count(), sent) == (0, 0, [])


def test_the_message_goes_out_after_the_commit(db, work, sent, django_capture_on_commit_callbacks):
    work("t.sent", lambda: None)
    with django_capture_on_commit_callbacks(execute=True):
        jobs.enqueue("t.sent", key="t.sent:1")
        assert sent == []
    assert sent == ["service"]


def test_a_job_of_a_clinic_is_owed_with_the_clinics_own_rights_and_runs_there(in_north, work):
    seen = []
    work("t.where", lambda: seen.append(clinic_or_none().id))
    job_id = jobs.enqueue("t.where", key="t.where:1")
    with on_platform():
        assert only_job("t.where").clinic_id == in_north.id
        jobs.run(job_id)
    assert seen == [in_north.id]


def test_a_platform_job_runs_in_public_though_a_clinic_owed_it(in_north, work):
    seen = []
    work("t.where", lambda: seen.append(clinic_or_none()), platform=True)
    jobs.run(jobs.enqueue("t.where", key="t.where:1"))
    assert seen == [None]


def test_a_job_carries_the_request_it_came_from(db, work):
    from healthcare.core.context import acting_as

    seen = []
    work("t.request", lambda: seen.append((acting().request_id, acting().purpose)))
    with acting_as(request_id="req-12345678"):
        job_id = jobs.enqueue("t.request", key="t.request:1")
    jobs.run(job_id)
    assert seen == [("req-12345678", "job:t.request")]


@pytest.mark.parametrize("secret", ["Asha Rao", "Asha", "asha@people.example", "+919812345678", "headache since", "1990-02-28"])
def test_an_argument_that_could_be_health_data_is_refused(db, work, secret):
    work("t.args", lambda **_: None)
    with pytest.raises(NotAnId):
        jobs.enqueue("t.args", key="t.args:1", who=secret)
    with pytest.raises(NotAnId):
        jobs.enqueue("t.args", key="t.args:1", who={"name": secret})
    assert Job.objects.count() == 0


def test_a_word_is_an_argument_only_where_the_job_says_so(db, work):
    work("t.args", lambda **_: None)
    with pytest.raises(NotAnId):
        jobs.enqueue("t.args", key="t.args:1", kind="asha")
    work("t.codes", lambda **_: None, codes=("kind",))
    jobs.enqueue("t.codes", key="t.codes:1", kind="dental")
    with pytest.raises(NotAnId):
        jobs.enqueue("t.codes", key="t.codes:2", kind="dental", who="asha")
    assert [row.args for row in Job.objects.all()] == [{"kind": "dental"}]


@pytest.mark.parametrize("key", ["mail to Asha", "asha@people.example", "", "x" * 201])
def test_a_key_that_is_more_than_ids_and_codes_is_refused(db, work, key):
    work("t.args", lambda: None)
    with pytest.raises(NotAnId):
        jobs.enqueue("t.args", key=key)


def test_a_phone_number_as_a_number_is_refused(db, work):
    work("t.args", lambda **_: None)
    with pytest.raises(NotAnId):
        jobs.enqueue("t.args", key="t.args:1", who=919812345678)


def test_ids_codes_and_small_numbers_are_carried_unchanged(db, work):
    seen, some_id = [], new_id()
    work("t.args", lambda **args: seen.append(args), codes=("verb",))
    jobs.run(jobs.enqueue("t.args", key="t.args:1", one=some_id, verb="check_in", version=3, last=True, none=None))
    assert seen == [{"one": str(some_id), "verb": "check_in", "version": 3, "last": True, "none": None}]


def test_an_unknown_job_is_refused_when_it_is_owed(db):
    with pytest.raises(jobs.UnknownJob):
        jobs.enqueue("t.nobody_knows", key="t:1")


# -- doing -------------------------------------------------------------------------------------------------------------


def test_a_job_run_twice_does_its_work_once(db, work):
    work("t.twice", lambda: note("t.twice"))
    job_id = jobs.enqueue("t.twice", key="t.twice:1")
    assert (jobs.run(job_id), jobs.run(job_id)) == (True, False)
    assert Heartbeat.objects.filter(part="t.twice").count() == 1
    assert (only_job("t.twice").state, only_job("t.twice").attempts) == ("done", 1)


def test_a_job_that_is_not_due_yet_waits(db, work):
    work("t.later", lambda: note("t.later"))
    job_id = jobs.enqueue("t.later", key="t.later:1", after=timedelta(hours=1))
    assert jobs.run(job_id) is False
    assert Heartbeat.objects.count() == 0
    make_due(job_id)
    assert jobs.run(job_id) is True


def test_a_withdrawn_job_is_not_done(db, work):
    work("t.withdrawn", lambda: note("t.withdrawn"))
    job_id = jobs.enqueue("t.withdrawn", key="t.withdrawn:1", after=timedelta(hours=1))
    assert jobs.cancel("t.withdrawn:1", "t.never") == 1
    make_due(job_id)
    assert jobs.run(job_id) is False
    assert jobs.cancel("t.withdrawn:1") == 0


def test_a_failure_leaves_no_effect_and_backs_off(db, work):
    def fail():
        note("t.fail")
        raise ConnectionError("Asha Rao, headache")

    work("t.fail", fail)
    job_id = jobs.enqueue("t.fail", key="t.fail:1")
    before = timezone.now()
    assert jobs.run(job_id) is False
    row = only_job("t.fail")
    assert (row.state, row.attempts, row.error, Heartbeat.objects.count()) == ("ready", 1, "ConnectionError", 0)
    assert 1.7 <= (row.due_at - before).total_seconds() <= 2.5
    assert jobs.run(job_id) is False, "it ran before its time"
    assert only_job("t.fail").attempts == 1


def test_the_pause_doubles_with_each_failure():
    pauses = [jobs.back_off(attempt).total_seconds() for attempt in (1, 2, 3, 4, 5)]
    for pause, about in zip(pauses, (2, 4, 8, 16, 32), strict=True):
        assert 0.9 * about <= pause <= 1.1 * about


def test_after_the_last_retry_a_job_is_dead_and_stays_so(db, work):
    def fail():
        raise ValueError

    work("t.dead", fail)
    job_id = jobs.enqueue("t.dead", key="t.dead:1")
    states = []
    for _ in range(RETRIES + 1):
        make_due(job_id)
        jobs.run(job_id)
        states.append(only_job("t.dead").state)
    assert states == ["ready"] * RETRIES + ["dead"]
    make_due(job_id)
    assert jobs.run(job_id) is False
    assert owed.send_owed() == 0


def test_a_dead_job_that_is_requeued_begins_anew(db, work):
    work("t.dead", lambda: note("t.dead"))
    job_id = jobs.enqueue("t.dead", key="t.dead:1")
    Job.objects.filter(id=job_id).update(state=Job.State.DEAD, attempts=RETRIES + 1)
    assert dead_letters.retry_dead(job_id) is True
    assert dead_letters.retry_dead(job_id) is False
    assert jobs.run(job_id) is True
    assert only_job("t.dead").attempts == 1


def test_a_job_that_kills_its_worker_each_time_dies_in_the_end(db, work):
    work("t.killer", lambda: note("t.killer"))
    job_id = jobs.enqueue("t.killer", key="t.killer:1")
    Job.objects.filter(id=job_id).update(lost=jobs.MOST_LOST + 1)
    assert jobs.run(job_id) is False
    assert (only_job("t.killer").state, only_job("t.killer").error) == ("dead", "KilledItsWorker")


def test_a_job_of_a_clinic_that_is_gone_is_tried_again(db, work):
    work("t.gone", lambda: note("t.gone"))
    job_id = jobs.enqueue("t.gone", key="t.gone:1", clinic_id=new_id())
    jobs.run(job_id)
    assert (only_job("t.gone").state, only_job("t.gone").error) == ("ready", "ClinicGone")


def test_a_failed_try_is_told_with_its_arguments_and_whether_it_was_the_last(db, work):
    told = []

    def fail(**_):
        raise LookupError

    work("t.told", fail, failed=lambda *, error, last, n: told.append((type(error), last, n)))
    job_id = jobs.enqueue("t.told", key="t.told:1", n=7)
    for _ in range(RETRIES + 1):
        make_due(job_id)
        jobs.run(job_id)
    assert told == [(LookupError, False, 7)] * RETRIES + [(LookupError, True, 7)]


def test_a_failure_that_can_not_be_told_is_still_counted(db, work):
    def fail():
        raise LookupError

    def fail_too(**_):
        Heartbeat(part=None).save()  # breaks the transaction it runs in

    work("t.told", fail, failed=fail_too)
    jobs.run(jobs.enqueue("t.told", key="t.told:1"))
    assert (only_job("t.told").state, only_job("t.told").attempts) == ("ready", 1)


def test_nothing_of_a_failures_text_is_logged_or_kept(db, work, caplog):
    def fail():
        raise ValueError("Asha Rao has a headache")

    work("t.canary", fail)
    jobs.run(jobs.enqueue("t.canary", key="t.canary:1"))
    logged = "".join(f"{record.getMessage()} {record.__dict__}" for record in caplog.records)
    assert "job.failed" in logged
    assert "test_jobs.py" in logged
    assert "headache" not in logged
    assert "headache" not in only_job("t.canary").error


def test_a_try_may_take_no_longer_than_its_queue_says(db, work):
    seen = []

    def look():
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('transaction_timeout'), current_setting('statement_timeout')")
            seen.append(cursor.fetchone())

    work("t.limit", look, queue="panchakarma")
    jobs.run(jobs.enqueue("t.limit", key="t.limit:1"))
    assert seen == [("2min", "2min")]


# -- who is next ------------------------------------------------------------------------------------------------------


@pytest.fixture
def order(work, north, south):
    """`order()`: works the queue off, answers the marks in the order in which they came."""
    seen = []
    work("t.mark", lambda *, mark: seen.append((clinic_or_none().slug if clinic_or_none() else "", mark)))
    picking._at.clear()

    def work_off():
        while jobs.work("service"):
            pass
        return seen

    return work_off


def test_clinics_take_turns_however_much_one_of_them_owes(north, south, order):
    first, second = sorted((north, south), key=lambda clinic: clinic.id)
    for n in range(6):
        jobs.enqueue("t.mark", key=f"t.mark:1:{n}", clinic_id=first.id, mark=n)
    for n in range(2):
        jobs.enqueue("t.mark", key=f"t.mark:2:{n}", clinic_id=second.id, mark=n)
    jobs.enqueue("t.mark", key="t.mark:0", mark=0)
    a, b = first.slug, second.slug
    assert order() == [(a, 0), (b, 0), ("", 0), (a, 1), (b, 1), (a, 2), (a, 3), (a, 4), (a, 5)]


def test_an_urgent_job_comes_before_its_clinics_others_and_a_low_one_behind(north, order, work):
    for name, priority in (("t.low", Priority.LOW), ("t.urgent", Priority.URGENT)):
        work(name, jobs._work["t.mark"].run, priority=priority)
    for n, name in enumerate(("t.low", "t.mark", "t.mark", "t.urgent")):
        jobs.enqueue(name, key=f"{name}:{n}", clinic_id=north.id, mark=n)
    assert [mark for _, mark in order()] == [3, 1, 2, 0]


def test_a_low_job_does_not_wait_for_ever(db, order, work):
    work("t.low", jobs._work["t.mark"].run, priority=Priority.LOW)
    jobs.enqueue("t.low", key="t.low:1", mark=1)
    jobs.enqueue("t.mark", key="t.mark:2", mark=2)
    Job.objects.filter(name="t.mark").update(rank_at=timezone.now() + timedelta(minutes=11))
    assert [mark for _, mark in order()] == [1, 2]


def test_what_is_not_due_is_not_picked_and_holds_nobody_up(db, order):
    jobs.enqueue("t.mark", key="t.mark:1", after=timedelta(hours=1), mark=1)
    jobs.enqueue("t.mark", key="t.mark:2", mark=2)
    assert [mark for _, mark in order()] == [2]


def test_the_next_job_is_found_by_one_step_in_an_index(db):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN {picking.ONWARDS}", ["service", picking.NOBODYS])
        plan = " ".join(line for (line,) in cursor.fetchall())
    assert "job_next" in plan
    assert "Sort" not in plan


def test_a_queue_takes_no_more_of_a_process_than_its_own_number():
    bulkhead = Bulkhead()
    first, second = bulkhead.turns("service", 1), bulkhead.turns("other", 1)
    assert (next(first), next(second)) == (0, 0)
    assert list(bulkhead.turns("service", 1)) == [], "the only place is taken"
    assert list(bulkhead.turns("service", 1)) == []
    assert list(first) == [1, 2], "two were turned away: their work is done by who was there"
    assert list(bulkhead.turns("service", 1)) == [0]


def test_a_place_is_free_again_after_a_fault():
    bulkhead = Bulkhead()
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            for _ in bulkhead.turns("service", 1):
                raise ZeroDivisionError


# -- dead letters ------------------------------------------------------------------------------------------------------


def test_a_job_that_dies_is_an_event_and_a_line_in_the_log(db, work, caplog):
    def fail():
        raise ValueError

    work("t.dead", fail)
    job_id = jobs.enqueue("t.dead", key="t.dead:1")
    Job.objects.filter(id=job_id).update(attempts=RETRIES)
    jobs.run(job_id)
    (event,) = EventRecord.objects.filter(name="JobDied")
    assert event.payload == {"job_id": str(job_id), "queue": "service"}
    assert "job.died" in [record.message for record in caplog.records]


def test_a_dead_job_can_be_given_up_and_only_once(db, work):
    work("t.dead", lambda: note("t.dead"))
    job_id = jobs.enqueue("t.dead", key="t.dead:1")
    assert dead_letters.discard_dead(job_id) is False, "it is not dead"
    Job.objects.filter(id=job_id).update(state=Job.State.DEAD)
    assert (dead_letters.discard_dead(job_id), dead_letters.discard_dead(job_id)) == (True, False)
    assert (jobs.run(job_id), only_job("t.dead").state) == (False, "cancelled")


# -- being told of it --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("queue", [q.name for q in JOB_QUEUES])
def test_every_queue_is_routed_and_worked(queue):
    from healthcare.celery import app

    route = app.amqp.router.route({"queue": queue, "routing_key": queue}, "core.run_job")
    assert route["queue"].name == queue
    assert app.amqp.queues[queue].routing_key == queue
    assert queue in names(BY_NAME[queue].group)
    assert sorted(queue for group in GROUPS for queue in names(group)) == sorted(names())


def test_an_unknown_queue_fails_loudly():
    from celery.exceptions import QueueNotFound

    from healthcare.celery import app

    with pytest.raises(jobs.UnknownJob):
        jobs.job("t.stray", queue="no-such-queue")
    with pytest.raises(QueueNotFound):
        app.amqp.router.route({"queue": "no-such-queue"}, "core.run_job")


def test_messages_go_to_our_broker_from_every_thread():
    from django.conf import settings

    seen = []
    thread = threading.Thread(target=lambda: seen.append((tasks.work_one.app.main, tasks.work_one.app.conf.broker_url)))
    thread.start()
    thread.join()
    assert seen == [("healthcare", settings.CELERY_BROKER_URL)]


def test_a_broker_that_is_down_stops_nothing_and_the_ticker_sends_later(
    db, work, monkeypatch, django_capture_on_commit_callbacks
):
    work("t.down", lambda: note("t.down"))
    monkeypatch.setattr(owed.broker, "depths", dict)
    down = Mock(side_effect=OSError)
    monkeypatch.setattr(tasks.work_one, "apply_async", down)
    with django_capture_on_commit_callbacks(execute=True):
        job_id = jobs.enqueue("t.down", key="t.down:1")
    assert down.call_count == 1
    assert owed.send_owed() == 0, "it was only just sent"
    Job.objects.update(sent_at=timezone.now() - owed.LOST - timedelta(seconds=1))
    up = Mock()
    monkeypatch.setattr(tasks.work_one, "apply_async", up)
    assert owed.send_owed() == 1
    assert up.call_args.kwargs["args"] == ["service"]
    assert jobs.run(job_id) is True


def test_a_broker_that_stays_down_is_left_alone_for_a_while(db, work, monkeypatch, django_capture_on_commit_callbacks):
    work("t.down", lambda: None)
    down = Mock(side_effect=OSError)
    monkeypatch.setattr(tasks.work_one, "apply_async", down)
    for n in range(9):
        with django_capture_on_commit_callbacks(execute=True):
            jobs.enqueue("t.down", key=f"t.down:{n}")
    assert down.call_count == 2
    assert Job.objects.filter(name="t.down", state="ready").count() == 9


def test_delayed_jobs_are_sent_when_their_time_comes(db, work, sent):
    work("t.later", lambda: None)
    job_id = jobs.enqueue("t.later", key="t.later:1", after=timedelta(minutes=5))
    assert (owed.send_owed(), sent) == (0, [])
    make_due(job_id)
    assert (owed.send_owed(), sent) == (1, ["service"])
    assert owed.send_owed() == 0, "sent again at once"


def test_a_queue_that_nobody_works_is_not_told_over_and_over(db, work, sent, monkeypatch):
    work("t.flood", lambda: None)
    work("t.other", lambda: None, queue="chequp")
    for name in ("t.flood", "t.other"):
        for n in range(3):
            jobs.enqueue(name, key=f"{name}:{n}")
    Job.objects.update(sent_at=timezone.now() - owed.LOST - timedelta(seconds=1))
    monkeypatch.setattr(owed.broker, "depths", lambda: {"service": 3, "chequp": 1})
    assert owed.send_owed() == 2
    assert sent == ["chequp", "chequp"]


# -- many workers, real connections ------------------------------------------------------------------------------------


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


def test_work_in_a_clinic_may_owe_more_work_there(in_north, work):
    work("t.second", lambda: None)
    work("t.first", lambda: jobs.enqueue("t.second", key="t.second:1"))
    jobs.run(jobs.enqueue("t.first", key="t.first:1"))
    with on_platform():
        assert only_job("t.second").clinic_id == in_north.id


def test_a_clinics_role_can_not_read_jobs(in_north, work):
    from django.db import ProgrammingError

    work("t.hidden", lambda: None)
    jobs.enqueue("t.hidden", key="t.hidden:1")
    with pytest.raises(ProgrammingError), transaction.atomic(), in_clinic(in_north):
        Job.objects.count()
