"""Is a ticket used once when many try at the same moment?"""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import User
from accounts.services import tickets
from accounts.services.sessions import Device, open_session
from clinics.models import Clinic
from healthcare.core.tenancy import on_platform
from healthcare.tests import make

pytestmark = [pytest.mark.usefixtures("committed"), pytest.mark.parallel]


def a_ticket() -> str:
    clinic = Clinic.objects.get(slug="north")
    with on_platform():
        user = User.objects.get(pk=make.member("receptionist", clinic).user_id)
        session = open_session(user=user, device=Device("test", None)).session
    return tickets.issue(user_id=user.id, session_id=session.id, clinic_id=clinic.id, now=timezone.now()).text


def test_of_sixteen_who_use_one_ticket_at_once_one_gets_in() -> None:
    ticket = a_ticket()

    def use(_: int) -> bool:
        try:
            return tickets.redeem(ticket) is not None
        finally:
            connection.close()

    with ThreadPoolExecutor(16) as hands:
        assert sorted(hands.map(use, range(16))) == [False] * 15 + [True]
