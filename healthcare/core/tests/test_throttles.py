"""Is a limit exact, with Valkey and without it?"""

import socket
import threading
from unittest import mock

import pytest
import redis
from django.db import connections
from django.test import Client, RequestFactory
from redis.backoff import NoBackoff
from redis.retry import Retry

from healthcare.core import breakers, throttles
from healthcare.core.addresses import client_address
from healthcare.core.errors import TooMany
from healthcare.core.throttles import Limit

LIMIT = Limit("test", 5, 60)


def let_through(times: int) -> int:
    passed: list[int] = []

    def call() -> None:
        try:
            throttles.hit(LIMIT, "somebody")
            passed.append(1)
        except TooMany:
            pass
        connections.close_all()

    threads = [threading.Thread(target=call) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return len(passed)


@pytest.fixture
def no_valkey():
    dead = redis.Redis.from_url("redis://127.0.0.1:1/0", socket_connect_timeout=0.1)
    with mock.patch.object(throttles, "_client", dead):
        yield


def test_of_forty_at_once_five_pass():
    assert let_through(40) == 5


@pytest.mark.parallel
def test_of_forty_at_once_five_pass_while_valkey_is_away(committed, no_valkey):
    assert let_through(40) == 5


@pytest.mark.django_db
@pytest.mark.parametrize("away", [False, True])
def test_what_is_given_back_may_be_used_again(away, request):
    if away:
        request.getfixturevalue("no_valkey")
    for _ in range(12):
        throttles.hit(LIMIT, "x")
        throttles.give_back(LIMIT, "x")
    for _ in range(5):
        throttles.hit(LIMIT, "x")
    with pytest.raises(TooMany) as refused:
        throttles.hit(LIMIT, "x")
    assert 0 < refused.value.retry_after <= 60


def test_subjects_are_counted_apart_and_never_stored_in_clear():
    throttles.hit(LIMIT, "ana@people.example")
    throttles.hit(LIMIT, "bo@people.example")
    names = [bytes(k) for k in throttles.store().scan_iter("limit:test:*")]
    assert len(names) == 2 and not any(b"ana" in n for n in names)


@pytest.mark.parametrize(
    ("peer", "forwarded", "trusted", "answer"),
    [
        ("203.0.113.9", "1.2.3.4", [], "203.0.113.9"),
        ("10.0.0.2", "1.2.3.4, 198.51.100.7", ["10.0.0.0/8"], "198.51.100.7"),
        ("10.0.0.2", "6.6.6.6, 198.51.100.7, 10.0.0.3", ["10.0.0.0/8"], "198.51.100.7"),
        ("10.0.0.2", "", ["10.0.0.0/8"], "10.0.0.2"),
        ("10.0.0.2", "nonsense", ["10.0.0.0/8"], ""),
    ],
)
def test_an_address_counts_only_as_far_as_our_proxies_vouch_for_it(settings, peer, forwarded, trusted, answer):
    settings.TRUSTED_PROXIES = trusted
    request = RequestFactory().get("/", REMOTE_ADDR=peer, headers={"X-Forwarded-For": forwarded})
    assert client_address(request) == answer


@pytest.mark.django_db
def test_strangers_behind_our_proxy_are_counted_apart(settings):
    settings.RATE_LIMIT_MAX, settings.TRUSTED_PROXIES = 1, ["127.0.0.0/8"]

    def ask(address: str) -> int:
        return Client().get("/clinics", headers={"X-Forwarded-For": address}).status_code

    assert [ask("203.0.113.7"), ask("203.0.113.7"), ask("203.0.113.8")] == [200, 429, 200]


GUARD = Limit("guard", 5, 60, guards=True)


def tries(times: int, limit: Limit = GUARD) -> int:
    passed = 0
    for _ in range(times):
        try:
            throttles.hit(limit, "somebody")
            passed += 1
        except TooMany:
            pass
    return passed


@pytest.mark.django_db
def test_what_guards_a_secret_counts_on_when_valkey_goes_and_when_it_comes_back_empty():
    dead = redis.Redis.from_url("redis://127.0.0.1:1/0", socket_connect_timeout=0.1)
    assert tries(3) == 3
    with mock.patch.object(throttles, "_client", dead):
        assert tries(5) == 2
    for key in throttles.store().scan_iter("limit:guard:*"):
        throttles.store().delete(key)
    breakers._breakers.clear()
    assert tries(5) == 0


@pytest.mark.django_db
def test_a_store_that_hangs_is_left_alone_after_three_tries():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        hung = redis.Redis(port=silent.getsockname()[1], socket_timeout=0.05, retry=Retry(NoBackoff(), 0))
        with mock.patch.object(throttles, "_client", hung), mock.patch.object(hung, "eval", wraps=hung.eval) as asked:
            assert tries(20) == 5
        assert asked.call_count == 3


def test_one_ask_is_one_try_and_a_short_one():
    settings = throttles.store().connection_pool.connection_kwargs
    assert settings["socket_timeout"] <= 0.3 and settings["retry"].get_retries() == 0


@pytest.mark.django_db
def test_refused_calls_count_too(settings):
    settings.RATE_LIMIT_MAX = 3
    asked = [("/users/profile", "GET"), ("/clinics", "PUT"), ("/appointments", "GET"), ("/clinics", "GET")]
    codes = [Client().generic(method, path, headers={"Authorization": "Bearer x"}).status_code for path, method in asked]
    assert codes == [401, 401, 401, 429]
