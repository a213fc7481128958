"""Does a breaker open after failures, rest, and let exactly one try decide?"""

import threading

import pytest

from healthcare.core import breakers
from healthcare.core.breakers import Breaker


@pytest.fixture
def clock(monkeypatch):
    """`clock(5)`: five seconds pass."""
    now = [100.0]
    monkeypatch.setattr(breakers.time, "monotonic", lambda: now[0])

    def pass_seconds(seconds):
        now[0] += seconds

    return pass_seconds


@pytest.fixture
def opened(clock):
    breaker = Breaker("t", failures=3, rest=10)
    for _ in range(3):
        breaker.failed()
    return breaker


def test_it_opens_after_failures_in_a_row_only(clock):
    breaker = Breaker("t", failures=3, rest=10)
    for outcome in (breaker.failed, breaker.failed, breaker.succeeded, breaker.failed, breaker.failed):
        outcome()
    assert (breaker.is_open(), breaker.state) == (False, "closed")
    breaker.failed()
    assert (breaker.is_open(), breaker.state) == (True, "open")


def test_after_its_rest_one_try_is_let_through(opened, clock):
    clock(10)
    assert opened.state == "half-open"
    assert [opened.is_open() for _ in range(3)] == [False, True, True]


def test_of_many_threads_one_is_let_through(opened, clock):
    clock(10)
    together, answers = threading.Barrier(8), []
    threads = [threading.Thread(target=lambda: (together.wait(), answers.append(opened.is_open()))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert sorted(answers) == [False] + [True] * 7


def test_a_try_that_succeeds_closes_it(opened, clock):
    clock(10)
    opened.is_open()
    opened.succeeded()
    assert ([opened.is_open() for _ in range(3)], opened.state) == ([False] * 3, "closed")


def test_a_try_that_fails_rests_it_again(opened, clock):
    clock(10)
    opened.is_open()
    opened.failed()
    clock(9.9)
    assert opened.is_open() is True
    clock(0.1)
    assert opened.is_open() is False


def test_a_try_that_never_ends_does_not_keep_it_open_for_ever(opened, clock):
    clock(10)
    assert opened.is_open() is False
    clock(10)
    assert opened.is_open() is False


def test_looking_at_the_state_uses_up_no_try(opened, clock):
    clock(10)
    assert [opened.state, opened.state] == ["half-open", "half-open"]
    assert opened.is_open() is False


def test_a_name_is_one_breaker(clock):
    assert breakers.named("t.same") is breakers.named("t.same")
    assert breakers.states()["t.same"] == "closed"
