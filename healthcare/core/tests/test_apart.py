"""Do the end of former keys and the return of rows keep each other off, on real connections, and does a killed one let go?"""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest
from django.db import connections

from healthcare.core.ids import new_id
from healthcare.core.keystore.apart import (
    ALL,
    ALONE,
    LOCKS,
    AnotherRetires,
    KeysRetiring,
    RestoreUnderWay,
    bringing_back,
    retiring,
)

pytestmark = pytest.mark.django_db
WEST, EAST = new_id(), new_id()


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("healthcare.core.keystore.apart.PATIENCE", 0.0)


@contextmanager
def meanwhile(entered: Any) -> Iterator[None]:
    """Another connection is inside of it for as long as the block lasts."""
    inside, over, wrong = threading.Event(), threading.Event(), list[BaseException]()

    def stay() -> None:
        try:
            with entered:
                inside.set()
                over.wait(30)
        except BaseException as error:
            wrong.append(error)
        finally:
            inside.set()
            connections.close_all()

    thread = threading.Thread(target=stay)
    thread.start()
    assert inside.wait(30)
    try:
        yield
    finally:
        over.set()
        thread.join()
    assert wrong == []


def cut() -> None:
    """The key store's server ends the session that this thread talks in."""
    with connections["keystore"].cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (pid,) = cursor.fetchone()

    def end() -> None:
        with connections["keystore"].cursor() as other:
            other.execute("SELECT pg_terminate_backend(%s, 10000)", [pid])
        connections.close_all()

    thread = threading.Thread(target=end)
    thread.start()
    thread.join()


def test_both_orders_are_refused_with_a_code_of_their_own() -> None:
    for whose in (None, WEST):
        with meanwhile(retiring(whose)), pytest.raises(KeysRetiring) as refused, bringing_back(WEST):
            pytest.fail("rows came back")
        assert (refused.value.status, refused.value.code) == (409, "keys_retiring")
        with meanwhile(bringing_back(WEST)), pytest.raises(RestoreUnderWay) as refused, retiring(whose):
            pytest.fail("keys went")
        assert (refused.value.status, refused.value.code) == (409, "restore_under_way")
    with meanwhile(retiring(None)), pytest.raises(AnotherRetires), retiring(None):
        pytest.fail("two that retire at once")


def test_several_may_be_restored_and_one_clinics_keys_are_no_matter_of_another() -> None:
    with meanwhile(bringing_back(WEST)), bringing_back(WEST), bringing_back(EAST):
        pass
    with meanwhile(retiring(WEST)), bringing_back(EAST), meanwhile(retiring(WEST.__class__(int=1))):
        pass


def test_who_lets_go_in_a_moment_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("healthcare.core.keystore.apart.PATIENCE", 20.0)
    held = ExitStack()
    held.enter_context(meanwhile(retiring(None)))
    threading.Timer(0.3, held.close).start()
    with bringing_back(WEST):
        pass


def test_it_is_given_back_whatever_happens() -> None:
    with pytest.raises(ZeroDivisionError), retiring(None):
        raise ZeroDivisionError
    with meanwhile(retiring(EAST)), pytest.raises(KeysRetiring), bringing_back(EAST):
        pytest.fail("the second of two locks is held")  # and the first, which it had, is given back
    with meanwhile(retiring(None)), retiring(EAST):
        pass


# takes the lock of a rotation, says so, stays
STAYS = """
import sys, time, psycopg
line = psycopg.connect(sys.argv[1], autocommit=True)
print(*line.execute(f"SELECT {sys.argv[2]}({sys.argv[3]}, hashtext('{sys.argv[4]}'))").fetchone(), flush=True)
time.sleep(60)
"""


def test_who_is_killed_stands_in_nobodys_way() -> None:
    store = connections["keystore"].settings_dict
    where = "host={HOST} port={PORT} dbname={NAME} user={USER} password={PASSWORD}".format(**store)
    words = [sys.executable, "-c", STAYS, where, ALONE, str(LOCKS), ALL]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None and process.stdout.readline() == "True\n"
        with pytest.raises(KeysRetiring), bringing_back(WEST):
            pytest.fail("it is held")
        os.kill(process.pid, signal.SIGKILL)
    for _ in range(600):  # the server notices a dead client when it next listens to it
        try:
            with bringing_back(WEST):
                return
        except KeysRetiring:
            threading.Event().wait(0.05)
    pytest.fail("the killed one still holds it")
