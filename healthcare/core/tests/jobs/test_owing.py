"""Is work owed exactly when its change is, and once?"""

import pytest
from django.db import transaction

from healthcare.core import jobs
from healthcare.core.context import acting
from healthcare.core.events import NotAnId
from healthcare.core.ids import new_id
from healthcare.core.models import Heartbeat, Job
from healthcare.core.tenancy import clinic_or_none, in_clinic, on_platform
from healthcare.core.tests.jobs.effects import note, only_job


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
