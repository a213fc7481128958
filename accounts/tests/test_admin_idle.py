"""Does the admin sign out who does nothing, and nobody else?"""

import time
from unittest import mock

import pytest
from django.test import Client

from accounts.models import User
from healthcare.core.tenancy import on_platform

pytestmark = pytest.mark.django_db
POLL = {"Sec-Fetch-Mode": "cors"}


@pytest.fixture
def desk(member):
    client = Client()
    with on_platform():
        client.force_login(User.objects.get(pk=member("receptionist").user_id))
    return client


def status_after(desk: Client, minutes: float, **headers: str) -> int:
    with mock.patch("accounts.admin_idle.time.time", return_value=time.time() + minutes * 60):
        return int(desk.get("/admin/", headers=headers).status_code)


def test_half_an_hour_without_a_click_ends_it(desk):
    assert [status_after(desk, m) for m in (0, 29, 58, 89)] == [200, 200, 200, 302]


def test_a_page_that_asks_by_itself_is_no_use(desk):
    status_after(desk, 0)
    assert [status_after(desk, m, **POLL) for m in (10, 20, 29, 31)] == [200, 200, 200, 302]


def test_the_session_is_not_written_with_every_click(desk):
    status_after(desk, 0)
    before = dict(desk.session.items())
    status_after(desk, 0.5)
    assert dict(desk.session.items()) == before
