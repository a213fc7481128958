"""What does it cost to guess who exists, and how often may somebody sign up from one address?"""

import pytest

from accounts import authentication
from healthcare.tests import make
from healthcare.tests.client import client

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("identifier", ["nobody@people.example", "+4915112345999", "no identifier at all"])
def test_an_unknown_identifier_costs_the_same_hash_as_a_known_one(identifier, monkeypatch):
    hashed = []
    monkeypatch.setattr(authentication, "make_password", hashed.append)
    make.person(email="somebody@people.example")
    assert authentication.check_password(identifier, "wrong-wrong-1") is None
    assert hashed == ["wrong-wrong-1"]


def test_the_121st_sign_up_in_a_minute_from_one_address_is_refused():
    body = {"email": "x", "password": "correct-horse-battery"}  # counted before it is read: a malformed one counts too
    codes = [client(None, None).post("/auth/register", body).status_code for _ in range(121)]
    assert codes == [400] * 120 + [429]
