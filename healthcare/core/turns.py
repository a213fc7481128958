"""How do calls that would each be counted as the first come one after another? By a named lock, to the transaction's end."""

from django.db import connection

# Classes of PostgreSQL's advisory locks; any numbers, the same for everybody.
LEAVES, HOLDERS, FEEDS = 7_240_120, 7_240_121, 7_240_122


def wait(lock: int, name: str) -> None:
    """Until nobody else has the lock of this class and name (which says of which clinic it is, where names may repeat)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [lock, name])
