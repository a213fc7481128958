"""Which chains have something to seal? Asked of PostgreSQL's counters in one statement; nobody visits 200 clinics in vain.

The counters are hints: once an hour, and in a new process, every chain is looked at. All seals of a round are one
transaction; a chain that fails is undone alone, told to the log and tried again in the next round.
"""

import logging
import time

from django.db import connection, transaction

from healthcare.core.jobs import job
from healthcare.core.tenancy import on_platform
from monitoring.seals import chains
from monitoring.seals.sealing import seal, unsealed

log = logging.getLogger(__name__)

ALL_EVERY = 3600.0  # seconds
INSERTED = """
SELECT n.nspname, pg_stat_get_tuples_inserted(c.oid) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relname IN ('audit_entry', 'platform_audit_entry') AND c.relkind = 'r'
"""
_done: dict[str, int] = {}  # schema -> its counter when nothing was left to seal
_all_at = float("-inf")


@job("audit.seal", queue="analytics", platform=True)
def seal_new() -> None:
    """Seal every chain that has new entries."""
    global _all_at
    if time.monotonic() - _all_at > ALL_EVERY:
        _done.clear()
        _all_at = time.monotonic()
    counted = _counted()
    for chain in chains.serving():
        if _done.get(chain.schema) == counted.get(chain.schema):
            continue
        try:
            with transaction.atomic():
                seal(chain)
                if not unsealed(chain):
                    _done[chain.schema] = counted.get(chain.schema, 0)
        except Exception as error:
            log.error("audit.seal_failed", extra={"clinic": chain.name, "error": type(error).__name__})


def _counted() -> dict[str, int]:
    with on_platform(), connection.cursor() as cursor:
        cursor.execute(INSERTED)
        return dict(cursor.fetchall())
