"""Who sees the job queues, and what becomes of a dead letter?"""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from healthcare.core.ids import new_id
from healthcare.core.job_queues import names
from healthcare.core.models import Job
from healthcare.core.tenancy import on_platform
from monitoring.models import PlatformAuditEntry

pytestmark = pytest.mark.django_db
PAGE, DATA = "/queue-dashboard", "/queue-dashboard/data"


@pytest.fixture
def browser(member: Any) -> Any:
    def signed_in(role: str) -> Client:
        client = Client()
        with on_platform():
            client.force_login(User.objects.get(pk=member(role).user_id))
        return client

    return signed_in


def dead(**known: Any) -> Job:
    with on_platform():
        job = Job(queue="email", name="mail.send", key=str(new_id()), state="dead", due_at=timezone.now(), attempts=6, **known)
        job.error, job.finished_at = "SMTPServerDisconnected", timezone.now()
        job.save()
    return job


def test_who_has_not_signed_in_is_asked_to(north: Any):
    answer = Client().get(PAGE)
    assert (answer.status_code, answer["Location"]) == (302, f"/admin/login/?next={PAGE}")


@pytest.mark.parametrize("role", ["clinic_admin", "receptionist", "support", "auditor", "patient"])
def test_others_are_refused(role: str, browser: Any):
    client, job = browser(role), dead()
    assert [client.get(PAGE).status_code, client.get(DATA).status_code] == [403, 403]
    for decision in ("retry", "discard"):
        assert client.post(f"/queue-dashboard/jobs/{job.pk}/{decision}").status_code == 403
    with on_platform():
        assert Job.objects.get(pk=job.pk).state == "dead"


@pytest.mark.parametrize("role", ["super_admin", "system_admin"])
def test_operators_see_all_queues_and_the_dead(role: str, browser: Any):
    job = dead()
    page = browser(role).get(PAGE).content.decode()
    assert [name for name in names() if f'data-queue="{name}"' not in page] == []
    assert f'data-job="{job.pk}"' in page
    assert "SMTPServerDisconnected" in page


def test_the_page_needs_no_script_of_its_own_in_the_markup(browser: Any):
    page = browser("super_admin").get(PAGE).content.decode()
    assert page.count("<script") == page.count('<script src="')
    assert " style=" not in page
    assert " onclick" not in page


def test_the_figures_are_counted(browser: Any):
    dead()
    figures = json.loads(browser("system_admin").get(DATA).content)
    by_name = {queue["name"]: queue for queue in figures["queues"]}
    assert list(by_name) == names()
    assert (by_name["email"]["dead"], by_name["reminder"]["dead"]) == (1, 0)
    assert [letter["name"] for letter in figures["dead"]] == ["mail.send"]


def test_the_figures_cost_the_same_for_one_dead_letter_and_for_three(browser: Any):
    client, counts = browser("system_admin"), []
    client.get(DATA)
    for _ in (1, 2):
        dead()
        with CaptureQueriesContext(connection) as queries:
            client.get(DATA)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_a_dead_letter_is_queued_again_from_its_beginning_and_it_is_on_record(browser: Any):
    job = dead()
    assert browser("super_admin").post(f"/queue-dashboard/jobs/{job.pk}/retry").status_code == 302
    with on_platform():
        job.refresh_from_db()
        entry = PlatformAuditEntry.objects.get(object_id=str(job.pk))
    assert (job.state, job.attempts) == ("ready", 0)
    assert (entry.action, entry.object_type, entry.actor_kind, entry.changes) == (
        "update",
        "core.job",
        "person",
        {"state": ["dead", "ready"]},
    )


def test_a_dead_letter_is_given_up_for_good_and_it_is_on_record(browser: Any):
    job, client = dead(), browser("system_admin")
    answers = [client.post(f"/queue-dashboard/jobs/{job.pk}/discard").status_code for _ in range(2)]
    with on_platform():
        job.refresh_from_db()
        entry = PlatformAuditEntry.objects.get(object_id=str(job.pk), action="update")
    assert (answers, job.state, entry.changes) == ([302, 404], "cancelled", {"state": ["dead", "cancelled"]})


def test_what_waits_is_told_apart(browser: Any):
    now = timezone.now()
    later = {"due_at": now + timedelta(hours=1)}
    with on_platform():
        for known in ({}, {"attempts": 2}, later, {"state": "done", "finished_at": now}, {"state": "running"}):
            Job(queue="service", name="t", key=str(new_id()), **{"due_at": now, **known}).save()
    figures = json.loads(browser("system_admin").get(DATA).content)
    (service,) = [q for q in figures["queues"] if q["name"] == "service"]
    counted = {name: service[name] for name in ("waiting", "failed", "later", "running", "done_lately", "per_minute")}
    assert counted == {"waiting": 3, "failed": 1, "later": 1, "running": 1, "done_lately": 1, "per_minute": 1}


def test_what_is_not_dead_is_not_queued_again(browser: Any):
    client = browser("super_admin")
    assert client.post(f"/queue-dashboard/jobs/{new_id()}/retry").status_code == 404
    assert client.get(f"/queue-dashboard/jobs/{dead().pk}/retry").status_code == 405


def test_a_retry_needs_the_forms_token(browser: Any):
    job, strict = dead(), Client(enforce_csrf_checks=True)
    strict.cookies = browser("super_admin").cookies
    assert strict.post(f"/queue-dashboard/jobs/{job.pk}/retry").status_code == 403
