"""What keeps the destruction of former keys and the return of rows under them apart? Each is refused while the other runs.

Session locks in the key store, which every process that can destroy a key must reach: who is killed has given them back, and
who lost them in the midst (the key store began anew) is stopped before it does what can't be undone.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from uuid import UUID

from django.db import Error, connections

from healthcare.core.db_router import KEYSTORE
from healthcare.core.errors import Refused

LOCKS = 7_240_122  # class of the advisory locks by clinic; any number, the same for everybody who retires or restores
ALL = "all"
PATIENCE = 5.0  # seconds: who was killed in the midst of a statement lets go when that has ended
ALONE, TOGETHER = "pg_try_advisory_lock", "pg_try_advisory_lock_shared"
GIVEN_BACK = {ALONE: "pg_advisory_unlock", TOGETHER: "pg_advisory_unlock_shared"}
# of a machine that vanished the server hears nothing: after two minutes it is taken for gone
NOTICED = "SET tcp_keepalives_idle = 60; SET tcp_keepalives_interval = 10; SET tcp_keepalives_count = 6"
Still = Callable[[], None]


class KeysRetiring(Refused):
    code = "keys_retiring"
    detail = (
        "Keys are being rotated and the former ones destroyed (rotate_keys --retire): what comes back could be lost with them."
        " Restore when that has ended, or end it; it goes on later with --began."
    )


class AnotherRetires(KeysRetiring):
    detail = "Another run of rotate_keys --retire is not over; one at a time."


class RestoreUnderWay(Refused):
    code = "restore_under_way"
    detail = (
        "A clinic is being restored, under former keys perhaps; nothing was changed. Rotate with --retire when that has ended."
    )


class HoldLost(Refused):
    code = "hold_lost"
    detail = "The key store's connection was lost in the midst, and with it what kept restore and rotation apart. Begin again."


@contextmanager
def retiring(clinic: UUID | None) -> Iterator[Still]:
    """Former keys of one clinic or all (and the platform's) may be destroyed. Raises RestoreUnderWay, AnotherRetires.

    Gives a function to call right before what can't be undone; it raises HoldLost where the lock is no longer held.
    """
    with _held(ALONE, [ALL if clinic is None else clinic.hex]) as still:
        yield still


@contextmanager
def bringing_back(clinic: UUID) -> Iterator[Still]:
    """Rows of this clinic may come back; several clinics may at once. Raises KeysRetiring; gives as `retiring` does."""
    with _held(TOGETHER, [ALL, clinic.hex]) as still:
        yield still


@contextmanager
def _held(way: str, names: list[str]) -> Iterator[Still]:
    connection, taken = connections[KEYSTORE], list[str]()
    with connection.cursor() as cursor:
        cursor.execute(NOTICED)
    session = _session()

    def still() -> None:
        try:
            if _session() == session:
                return
        except Error:
            pass
        raise HoldLost

    try:
        for name in names:
            if not _got(way, name):
                raise _refusal(way, name)
            taken.append(name)
        yield still
    finally:
        with suppress(Error):  # a session that has ended gave them back
            for name in taken:
                _ask(GIVEN_BACK[way], name)


def _got(way: str, name: str) -> bool:
    ends = time.monotonic() + PATIENCE
    while not _ask(way, name):
        if time.monotonic() > ends:
            return False
        time.sleep(0.1)
    return True


def _refusal(way: str, name: str) -> Refused:
    """Who wants it alone is told who has it: what can be shared with is a restore."""
    if way == TOGETHER:
        return KeysRetiring()
    if not _ask(TOGETHER, name):
        return AnotherRetires()
    _ask(GIVEN_BACK[TOGETHER], name)
    return RestoreUnderWay()


def _ask(function: str, name: str) -> bool:
    with connections[KEYSTORE].cursor() as cursor:
        cursor.execute(f"SELECT {function}(%s, hashtext(%s))", [LOCKS, name])
        return bool(cursor.fetchone()[0])


def _session() -> tuple[object, ...]:
    """Which session of the server we talk in; a lock lasts as long as it."""
    with connections[KEYSTORE].cursor() as cursor:
        cursor.execute("SELECT pid, backend_start FROM pg_stat_activity WHERE pid = pg_backend_pid()")
        return tuple(cursor.fetchone())
