"""How does a schema go while everybody else works? Quickly or not at all, and again later.

Its foreign keys to people can only be dropped under a lock on a table that all clinics read: who waits for that lock makes
all others wait. So nobody waits for it long.
"""

import time

import psycopg
from django.db import Error, transaction
from psycopg import sql

from clinics.services.schemas import OWNER, owner_cursor
from healthcare.core.errors import Overloaded

TRIES, PATIENCE = 20, "500ms"


def drop_schema(schema: str) -> None:
    """Drop a schema with all it holds; one that is not there is no fault. Raises Overloaded."""
    for attempt in range(TRIES):
        try:
            with owner_cursor() as cursor, transaction.atomic(using=OWNER):
                cursor.execute(sql.SQL("SET LOCAL lock_timeout = {}").format(sql.Literal(PATIENCE)))
                cursor.execute(sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(sql.Identifier(schema)))
            return
        except Error as error:
            if not isinstance(error.__cause__, (psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected)):
                raise
            time.sleep(0.1 * (attempt + 1))
    raise Overloaded(f"{schema} could not be dropped: its tables are in use. Run the command again.")
