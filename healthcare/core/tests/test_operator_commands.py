"""Do the commands that operators run for jobs say and start the right thing?"""

import datetime as dt
import io
import os
import signal
import subprocess
import sys
import time

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.utils import timezone

from healthcare.core.job_queues import GROUPS, JOB_QUEUES, concurrency, names
from healthcare.core.management.commands.queues import age
from healthcare.core.management.commands.worker import arguments
from healthcare.core.models import Heartbeat, Job
from healthcare.core.queue_counts import count


def job(queue, state, due=dt.timedelta(), n=1):
    ended = timezone.now() if state in ("done", "dead") else None
    for i in range(n):
        Job(
            name="t.x", queue=queue, state=state, key=f"{queue}:{state}:{i}", due_at=timezone.now() - due, finished_at=ended
        ).save()


def test_every_queue_is_counted_by_state_with_the_age_of_its_oldest(db):
    job("email", "ready", dt.timedelta(minutes=5), n=2)
    job("email", "running", dt.timedelta(minutes=9))
    job("email", "dead", dt.timedelta(days=2))
    job("email", "done", n=3)
    Job.objects.filter(key="email:done:2").update(finished_at=timezone.now() - dt.timedelta(minutes=6))
    now = timezone.now()
    by_name = {row.queue.name: row for row in count(now)}
    assert list(by_name) == names()
    email = by_name["email"]
    assert (email.ready, email.running, email.failed, email.later, email.dead, email.done, email.per_minute) == (
        2,
        1,
        0,
        0,
        1,
        2,
        2,
    )
    assert 539 <= by_name["email"].oldest.total_seconds() <= 541
    assert by_name["reminder"][1:] == (0, 0, 0, 0, 0, None, 0, 0)


def test_a_job_that_is_due_later_makes_no_queue_late(db):
    job("reminder", "ready", dt.timedelta(hours=-1))
    (row,) = [row for row in count() if row.queue.name == "reminder"]
    assert (row.ready, row.later, row.oldest) == (1, 1, None)


def test_counting_costs_the_same_with_more_jobs(db, django_assert_num_queries):
    job("email", "ready")
    with django_assert_num_queries(2):
        count()
    job("service", "ready", n=3)
    with django_assert_num_queries(2):
        count()


def test_the_command_prints_a_line_for_each_queue(db):
    job("email", "ready", dt.timedelta(minutes=5))
    out = io.StringIO()
    call_command("queues", stdout=out)
    head, *lines = out.getvalue().splitlines()
    assert head.split() == ["queue", "group", "ready", "running", "done", "5m", "a", "min", "dead", "oldest"]
    assert [line.split()[0] for line in lines] == names()
    assert lines[names().index("email")].split() == ["email", "messages", "1", "0", "0", "0", "0", "5", "min"]


@pytest.mark.parametrize(
    ("seconds", "shown"), [(0, "0 s"), (119, "119 s"), (120, "2 min"), (7199, "119 min"), (7200, "2 h"), (172800, "2 d")]
)
def test_an_age_is_shown_in_one_unit(seconds, shown):
    assert age(dt.timedelta(seconds=seconds)) == shown


def test_no_age_is_a_dash():
    assert age(None) == "-"


@pytest.mark.parametrize("group", GROUPS)
def test_a_worker_of_a_group_works_its_queues_with_its_concurrency(group):
    given = arguments(group)
    assert f"--queues={','.join(names(group))}" in given
    assert f"--concurrency={sum(q.concurrency for q in JOB_QUEUES if q.group == group)}" in given
    assert "--pool=threads" in given


def test_a_worker_without_a_group_works_all_nineteen():
    assert f"--queues={','.join(names())}" in arguments(None)
    assert f"--concurrency={concurrency()}" in arguments(None)


def test_a_group_that_is_none_is_refused():
    with pytest.raises(CommandError):
        call_command("worker", "--group", "nobody")


@pytest.mark.parallel
def test_worker_and_ticker_do_the_work_and_end_when_told_to(committed):
    """Real processes: the ticker owes heartbeats, the worker does them, SIGTERM ends both cleanly."""
    ticker, worker = run("ticker"), run("worker")
    try:
        wanted = {"ticker", *(f"worker:{group}" for group in GROUPS)}
        assert soon(lambda: set(Heartbeat.objects.values_list("part", flat=True)) == wanted, 30)
        assert not Job.objects.filter(state="dead").exists()
    finally:
        ends = [end(process) for process in (ticker, worker)]
    assert ends == [0, 0]


def run(command):
    return subprocess.Popen(
        [sys.executable, "manage.py", command],
        cwd=settings.BASE_DIR,
        env={**os.environ, "SECRET_KEY": settings.SECRET_KEY},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def soon(condition, seconds):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.1)
    return False


def end(process):
    process.send_signal(signal.SIGTERM)
    try:
        return process.wait(15)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait(5)
