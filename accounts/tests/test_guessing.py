"""What does it cost to guess who exists, and how often may somebody sign up from one address?"""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts import authentication
from healthcare.tests import make
from healthcare.tests.client import client
from healthcare.tests.hashing import LightArgon2

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "identifier", ["somebody@people.example", "nobody@people.example", "+4915112345999", "no identifier at all"]
)
def test_every_identifier_costs_one_look_and_one_hash(identifier, monkeypatch):
    make.person(email="somebody@people.example")
    authentication.password_is_right(None, "x")  # the first of a process also makes the hash that is nobody's
    verified = []
    monkeypatch.setattr(LightArgon2, "verify", lambda self, password, encoded: bool(verified.append(password)))
    with CaptureQueriesContext(connection) as queries:
        assert authentication.password_is_right(authentication.find_person(identifier), "wrong-wrong-1") is False
    assert verified == ["wrong-wrong-1"]
    assert len([q for q in queries if "accounts_user" in q["sql"]]) == 1


def test_the_121st_sign_up_in_a_minute_from_one_address_is_refused():
    body = {"email": "x", "password": "correct-horse-battery"}  # counted before it is read: a malformed one counts too
    codes = [client(None, None).post("/auth/register", body).status_code for _ in range(121)]
    assert codes == [400] * 120 + [429]
