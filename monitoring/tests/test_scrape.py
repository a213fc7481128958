"""Are requests counted by route, and who may read the counts?"""

from typing import Any
from uuid import uuid4

import pytest
from django.test import override_settings
from django.utils import timezone

from healthcare.core.models import Job
from healthcare.core.tenancy import on_platform
from monitoring.scrape import FIGURES

pytestmark = pytest.mark.django_db


def scraped(api: Any, **known: Any) -> str:
    answer = api(clinic=None).get("/metrics", **known)
    assert answer.status_code == 200
    return answer.content.decode()  # type: ignore[no-any-return]


def test_requests_are_counted_by_pattern_method_and_class_of_status(api: Any):
    wanted = 'http_requests_total{method="GET",route="patients/<uuid:patient_id>",status="4xx"}'
    before = _count(scraped(api), wanted)
    api("receptionist").get(f"/patients/{(unknown := uuid4())}")
    text = scraped(api)
    assert _count(text, wanted) - before == 1
    assert str(unknown) not in text


def test_unknown_addresses_and_methods_share_one_label(api: Any):
    api().generic("BREW", "/nowhere/zubeida")
    text = scraped(api)
    assert 'method="other",route="unmatched"' in text
    assert "zubeida" not in text


def test_the_depth_of_each_job_queue_is_told(api: Any):
    with on_platform():
        Job(queue="email", name="x", key="k", due_at=timezone.now()).save()
    FIGURES._read_at = 0.0
    text = scraped(api)
    assert 'job_queue_jobs{queue="email",state="waiting"} 1.0' in text
    assert text.count('state="dead"}') == 19
    assert "open_sockets 0.0" in text


@override_settings(DEVELOPMENT=False, METRICS_TOKEN="a-long-token-for-the-scraper")
@pytest.mark.parametrize(
    ("address", "token", "status"),
    [
        ("127.0.0.1", "", 200),
        ("10.1.2.3", "", 200),
        ("93.184.216.34", "", 404),
        ("93.184.216.34", "wrong", 404),
        ("93.184.216.34", "a-long-token-for-the-scraper", 200),
    ],
)
def test_in_production_only_near_callers_and_who_shows_the_token(address: str, token: str, status: int, api: Any):
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    assert api(clinic=None).get("/metrics", REMOTE_ADDR=address, headers=headers, secure=True).status_code == status


@override_settings(DEVELOPMENT=False, METRICS_TOKEN="")
def test_no_token_configured_is_no_key(api: Any):
    answer = api(clinic=None).get("/metrics", REMOTE_ADDR="93.184.216.34", headers={"Authorization": "Bearer "}, secure=True)
    assert answer.status_code == 404


def _count(text: str, wanted: str) -> float:
    return sum(float(line.rpartition(" ")[2]) for line in text.splitlines() if line.startswith(wanted))
