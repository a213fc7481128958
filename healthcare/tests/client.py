"""How do tests call the API? As a person signed in with a real session and a real token."""

from typing import Any

from rest_framework.test import APIClient

from accounts.membership import Member
from accounts.models import User
from accounts.services.sessions import Device, open_session
from healthcare.core.tenancy import on_platform


class Client(APIClient):
    """An API client that knows who it is (`member`) and which clinic it names."""

    member: Member | None = None


def client(who: Member | None, clinic: str | None) -> Client:
    made = Client(headers={"X-Clinic-ID": clinic} if clinic else {}, raise_request_exception=True)
    made.member = who
    if who is not None:
        with on_platform():
            tokens = open_session(user=User.objects.get(pk=who.user_id), device=Device("test", "127.0.0.1"))
        made.credentials(HTTP_AUTHORIZATION=f"Bearer {tokens.access}", **_named(clinic))
    return made


def _named(clinic: str | None) -> dict[str, Any]:
    return {"HTTP_X_CLINIC_ID": clinic} if clinic else {}
