"""Does a code still go out within seconds, and once, while the broker is away?"""

import time

import pytest
from django.core import mail

from accounts.tests.sending import SIX, ask
from healthcare.core import without_broker
from healthcare.core.models import Job
from healthcare.core.tenancy import on_platform
from healthcare.core.without_broker import Looking
from healthcare.embedded.layout import Profile
from healthcare.embedded.valkey import Store
from healthcare.tests import make
from healthcare.tests.client import client
from healthcare.tests.services import PROFILE

pytestmark = pytest.mark.usefixtures("committed")
ADA = "ada@people.example"
WAIT = 30.0  # seconds; on a machine that has nothing else to do it takes one or two


@pytest.fixture
def broker():
    store = Store(Profile.named(PROFILE), "redis")
    yield store
    store.start()


@pytest.fixture
def workers(monkeypatch):
    """Two of them, as an installation has."""
    monkeypatch.setattr(without_broker, "LOOK", 0.2)
    both = [Looking(["notification"]).start() for _ in range(2)]
    yield both
    for one in both:
        one.end()


def test_a_code_that_is_asked_for_while_the_broker_is_dead_goes_out_once_and_signs_in(broker, workers):
    ada = make.person(email=ADA)
    broker.kill()
    challenge = ask(client(None, None), ADA)
    until = time.monotonic() + WAIT
    while not mail.outbox and time.monotonic() < until:
        time.sleep(0.1)
    for one in workers:
        one.end()
    (sent,) = mail.outbox
    code = SIX.findall(str(sent.body))[0]
    answer = client(None, None).post("/auth/verify-otp", {"challenge": challenge, "code": code})
    assert (answer.status_code, answer.json()["user"]["id"]) == (200, str(ada.id))
    with on_platform():
        assert list(Job.objects.filter(name="code.send").values_list("state", "attempts")) == [("done", 1)]


def test_while_the_broker_answers_its_messages_alone_wake_a_worker(broker, workers):
    make.person(email=ADA)
    ask(client(None, None), ADA)
    time.sleep(1.0)  # five looks
    assert not workers[0].is_needed() and mail.outbox == []
    with on_platform():
        assert Job.objects.get(name="code.send").state == Job.State.READY


def test_a_worker_looks_on_for_a_while_after_the_broker_is_back(broker, monkeypatch):
    one = Looking([])
    broker.kill()
    assert one.is_needed()
    broker.start()
    assert one.is_needed()
    monkeypatch.setattr(without_broker, "SETTLE", 0.0)
    assert not one.is_needed()
