"""Is somebody at a job that was begun? Its worker's session holds the job's lock from the try's count to the try's end.

The lock is one of PostgreSQL's advisory locks: it outlives the transaction that counts the try, and ends with the session. So a
job that is running and whose lock is free has lost its worker; however slow a worker is, it is not taken for dead.
"""

from uuid import UUID

from django.db import DatabaseError, InterfaceError, connection

SEED = 7_240_121  # sets these locks apart from all others; any number, the same for everybody who works jobs
LOCK = f"hashtextextended(id::text, {SEED})"

BEGIN = f"""
UPDATE public.job SET state = 'running', attempts = attempts + 1, started_at = %s WHERE id = %s
RETURNING pg_advisory_lock({LOCK})
"""  # noqa: S608 (no input of anybody's)
DONE = f"""
UPDATE public.job SET state = 'done', finished_at = %s, error = '' WHERE id = %s RETURNING pg_advisory_unlock({LOCK})
"""  # noqa: S608
RELEASE = f"SELECT pg_advisory_unlock({LOCK}) FROM (SELECT %s::uuid AS id) AS job"  # noqa: S608
TAKE_BACK = f"""
WITH unlocked AS MATERIALIZED (
    SELECT id FROM public.job WHERE state = 'running' AND due_at <= %s ORDER BY due_at LIMIT %s FOR UPDATE SKIP LOCKED
), dead AS MATERIALIZED (
    SELECT id FROM unlocked WHERE pg_try_advisory_xact_lock({LOCK})
)
UPDATE public.job SET state = 'ready', sent_at = %s, attempts = GREATEST(attempts - 1, 0), lost = job.lost + 1
FROM dead WHERE job.id = dead.id RETURNING queue
"""  # noqa: S608


def release(job_id: UUID) -> None:
    """After a try that did not end in `done`. A session that is lost holds nothing any more."""
    try:
        with connection.cursor() as cursor:
            cursor.execute(RELEASE, [job_id])
    except (DatabaseError, InterfaceError):
        connection.close()
