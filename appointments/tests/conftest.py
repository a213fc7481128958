"""Who sits at the desk's browser, on which Monday, with which doctor, chart and appointment before them?"""

from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from appointments.tests import scene
from appointments.tests.scene import NOW, at, booked
from healthcare.core.tenancy import in_clinic, on_platform
from healthcare.tests import make


@pytest.fixture
def monday(monkeypatch: Any) -> None:
    """The pages ask what time it is."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)


@pytest.fixture
def browser(member: Any) -> Any:
    """`browser("receptionist")`: signed in to the admin; `.member` is who it is."""

    def signed_in(role: str) -> Any:
        client: Any = Client()
        client.member = member(role)
        with on_platform():
            client.force_login(User.objects.get(pk=client.member.user_id), backend="accounts.authentication.AdminLogin")
        return client

    return signed_in


@pytest.fixture
def doctor(north: Any) -> Any:
    with in_clinic(north):
        return scene.doctor(name="Ada Marsh")


@pytest.fixture
def chart(north: Any) -> Any:
    with in_clinic(north):
        return make.patient(last_name="Lindqvist")


@pytest.fixture
def row(north: Any, doctor: Any, chart: Any) -> Any:
    with in_clinic(north):
        return booked(doctor, chart, at("10:00"))
