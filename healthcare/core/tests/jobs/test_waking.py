"""Is a worker told of each job, whatever becomes of the broker?"""

import threading
from datetime import timedelta
from unittest.mock import Mock

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from healthcare.core import jobs, owed, tasks, waking
from healthcare.core.job_queues import BY_NAME, GROUPS, JOB_QUEUES, names
from healthcare.core.models import Job
from healthcare.core.tests.jobs.effects import make_due, note


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


def told(monkeypatch):
    """How many jobs each message names."""
    numbers = []
    monkeypatch.setattr(tasks.work_one, "apply_async", lambda args, **_: numbers.append(args[1] if len(args) > 1 else 1))
    return numbers


def test_a_transaction_that_owes_much_tells_of_all_in_few_messages(db, work, monkeypatch, django_capture_on_commit_callbacks):
    numbers = told(monkeypatch)
    work("t.many", lambda: None)
    with django_capture_on_commit_callbacks(execute=True) as calls:
        for n in range(30):
            jobs.enqueue("t.many", key=f"t.many:{n}")
    assert len(calls) == 1
    assert (sum(numbers), len(numbers)) == (30, waking.MESSAGES)


def test_what_is_told_in_a_part_that_is_taken_back_takes_nothing_else_with_it(
    db, work, monkeypatch, django_capture_on_commit_callbacks
):
    numbers = told(monkeypatch)
    work("t.part", lambda: None)
    with django_capture_on_commit_callbacks(execute=True):
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            jobs.enqueue("t.part", key="t.part:gone")
            raise ZeroDivisionError
        with transaction.atomic():
            jobs.enqueue("t.part", key="t.part:1")
        jobs.enqueue("t.part", key="t.part:2")
    assert sum(numbers) == 2


@given(number=st.integers(1, 5000), most=st.integers(1, 9))
def test_shares_are_whole_even_and_few(number, most):
    parts = waking.shares(number, most)
    assert (sum(parts), len(parts)) == (number, min(number, most))
    assert max(parts) - min(parts) <= 1
