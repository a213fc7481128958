"""Who works at the desk in the tests of the queue?"""

from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from appointments.queue.models import Queue
from appointments.queue.tests import make as queues
from appointments.queue.tests.desk import Browser
from healthcare.core.tenancy import on_platform


@pytest.fixture
def browser(member: Any) -> Browser:
    def signed_in(role: str, clinic: Any = None, **more: Any) -> Client:
        client = Client(**more)
        with on_platform():
            client.force_login(User.objects.get(pk=member(role, clinic=clinic).user_id))
        return client

    return signed_in


@pytest.fixture
def desk(browser: Browser) -> Client:
    return browser("receptionist")


@pytest.fixture
def queue(in_north: Any) -> Queue:
    return queues.queue()
