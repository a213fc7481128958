"""Does a session keep its place on the way to PostgreSQL? A pooler that hands backends out by transaction would mix clinics.

What we set once a session (search path, role) must still be there at the next statement, whoever else works in between.
So two sessions are opened the way the product opens them, each chooses a place, and each is asked again while the other
holds a transaction open, and after it. A pooler by session passes; one by transaction is found out, also where it carries
the search path from backend to backend (PgBouncer's track_extra_parameters), because it loses the role.
"""

import logging
import secrets
import threading
from contextlib import closing
from typing import Any

import psycopg
from django.db import DEFAULT_DB_ALIAS, Error, connections

log = logging.getLogger(__name__)

ROUNDS = 3
CHOOSE = (
    "SELECT set_config('search_path', %s, false), set_config('role', %s, false), set_config('healthcare.session', %s, false)"
)
ASK = """
SELECT pg_backend_pid(), current_setting('search_path'), current_setting('role'), current_setting('healthcare.session', true)
"""
_proved: set[str] = set()
_lock = threading.Lock()


class UnsafePooler(RuntimeError):
    """Sessions lose what they set: nothing may be asked this way."""

    def __init__(self, lost: list[str]) -> None:
        self.lost = lost
        super().__init__(
            f"DATABASE_URL leads through a pooler that does not keep sessions ({', '.join(lost)} lost): one clinic would read"
            " another's rows. Use session pooling, or connect to PostgreSQL itself."
        )


class _Session:
    """One session with a place of its own; `none` is the login role itself."""

    def __init__(self, connect: Any, role: str) -> None:
        self.raw = connect()
        word = f"pooler_{secrets.token_hex(4)}"
        self.chosen = (word, role, word)
        self.raw.execute(CHOOSE, self.chosen)
        self.pid = self.raw.execute("SELECT pg_backend_pid()").fetchone()[0]

    def lost(self) -> set[str]:
        pid, *now = self.raw.execute(ASK).fetchone()
        names = ("search path", "role", "settings")
        found = {name for name, kept, chosen in zip(names, now, self.chosen, strict=True) if kept != chosen}
        return found | ({"backend"} if pid != self.pid else set())


def lost_by(connect: Any) -> list[str]:
    """What sessions that `connect()` opens (psycopg, autocommit) lose; nothing: they are safe. Raises psycopg.Error."""
    with closing(connect()) as asker:
        own_role = asker.execute("SELECT session_user").fetchone()[0]
    found: set[str] = set()
    one, other = _Session(connect, own_role), _Session(connect, "none")
    with closing(one.raw), closing(other.raw):
        try:
            for asked, busy in ((one, other), (other, one)) * ROUNDS:
                with busy.raw.transaction():
                    busy.raw.execute("SELECT 1")
                    found |= asked.lost()
                found |= asked.lost()
        except psycopg.errors.ProtocolViolation:  # a pooler by statement knows none
            found.add("transactions")
    return sorted(found)


def assert_safe(alias: str = DEFAULT_DB_ALIAS) -> None:
    """Asked once a process and database, before the first statement. Raises UnsafePooler, psycopg.Error."""
    if alias in _proved:
        return
    with _lock:
        if alias in _proved:
            return
        if lost := measured(alias):
            log.error("database.unsafe_pooler")
            raise UnsafePooler(lost)
        _proved.add(alias)


def measured(alias: str = DEFAULT_DB_ALIAS) -> list[str]:
    """What is lost on the way to this database, now. Raises psycopg.Error."""
    params: dict[str, Any] = connections[alias].get_connection_params()
    params.pop("cursor_factory", None)
    return lost_by(lambda: psycopg.connect(**params, autocommit=True))


def at_start() -> None:
    """For the start of a server: an unsafe pooler ends it with one line. A database that is away is asked at its first use."""
    try:
        connections[DEFAULT_DB_ALIAS].ensure_connection()
    except UnsafePooler as unsafe:
        raise SystemExit(str(unsafe)) from None
    except (Error, psycopg.Error) as error:
        log.warning("database.away_at_start", extra={"error": type(error).__name__})
    finally:
        connections[DEFAULT_DB_ALIAS].close()
