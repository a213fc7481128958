"""Is a job done once, tried again, and given up in the open?"""

from datetime import timedelta

from django.db import connection
from django.utils import timezone

from healthcare.core import dead_letters, jobs, owed
from healthcare.core.ids import new_id
from healthcare.core.job_queues import BY_NAME
from healthcare.core.models import EventRecord, Heartbeat, Job
from healthcare.core.tests.jobs.effects import make_due, note, only_job

RETRIES = BY_NAME["service"].retries


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
    assert "test_trying.py" in logged
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
