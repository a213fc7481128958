"""Is a pooler that mixes sessions found out, before anything is asked through it?"""

import io

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import connections

from healthcare.core.postgresql import pooler
from healthcare.core.postgresql.base import DatabaseWrapper
from healthcare.core.postgresql.pooler import UnsafePooler
from healthcare.core.tests.mixing import Mixing

pytestmark = pytest.mark.django_db


@pytest.fixture
def through():
    """`through(keeps=…)` answers what a connection through a pooler of ours would need."""
    opened = []

    def start(**how):
        params = connections["default"].get_connection_params()
        params.pop("cursor_factory")
        opened.append(Mixing(params["host"], int(params["port"]), **how))
        return {**params, "host": "127.0.0.1", "port": opened[-1].port}

    yield start
    for one in opened:
        one.close()


def connecting(params):
    return lambda: psycopg.connect(**params, autocommit=True)


def test_the_way_the_tests_go_is_safe():
    assert pooler.measured() == []


def test_a_pooler_by_session_passes(through):
    assert pooler.lost_by(connecting(through(mixes=False))) == []


def test_a_pooler_by_transaction_is_found_out(through):
    assert pooler.lost_by(connecting(through(mixes=True))) == ["backend", "role", "search path", "settings"]


def test_the_first_connection_is_refused_and_nothing_is_asked(through, monkeypatch):
    params = through(mixes=True)
    monkeypatch.setattr(pooler, "_proved", set())
    monkeypatch.setattr(DatabaseWrapper, "get_connection_params", lambda self: dict(params))
    with pytest.raises(UnsafePooler, match="session pooling"):
        pooler.assert_safe()
    assert pooler._proved == set()
    with pytest.raises(CommandError, match="E001"):
        call_command("check", "--deploy", "--tag", "pooler", stderr=io.StringIO())


def test_once_proved_it_is_not_asked_again(monkeypatch):
    monkeypatch.setattr(pooler, "_proved", {"default"})
    monkeypatch.setattr(pooler, "measured", lambda alias: 1 / 0)
    pooler.assert_safe()


def test_a_server_does_not_start_on_one(monkeypatch):
    def unsafe(self):
        raise UnsafePooler(["role"])

    monkeypatch.setattr(DatabaseWrapper, "ensure_connection", unsafe)
    monkeypatch.setattr(DatabaseWrapper, "close", lambda self: None)
    with pytest.raises(SystemExit, match="role lost"):
        pooler.at_start()
