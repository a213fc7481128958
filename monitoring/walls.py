"""Does the wall between clinics stand? PostgreSQL is asked what each clinic's role may reach, not our own settings."""

from typing import Any

from django.db import connection

from healthcare.core.postgresql import pooler
from healthcare.core.tenancy import on_platform

# A clinic whose role is missing, can't be taken on, or may use another clinic's schema; and what the login role may do.
QUESTION = """
WITH clinic AS (
    SELECT c.schema_name, r.oid AS role, n.oid AS schema FROM clinics_clinic c
    LEFT JOIN pg_roles r ON r.rolname = c.schema_name LEFT JOIN pg_namespace n ON n.nspname = c.schema_name
    WHERE c.state = 'open'
)
SELECT (SELECT count(*) FROM clinic),
       (SELECT count(*) FROM clinic WHERE role IS NULL OR NOT pg_has_role(session_user, role, 'SET')),
       (SELECT count(*) FROM clinic a JOIN clinic b ON a.schema_name <> b.schema_name
         WHERE a.role IS NOT NULL AND b.schema IS NOT NULL AND has_schema_privilege(a.role, b.schema, 'USAGE')),
       (SELECT count(*) FROM clinic WHERE schema IS NOT NULL AND has_schema_privilege(session_user, schema, 'USAGE')),
       (SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = session_user)
"""


def clinic_roles() -> dict[str, Any]:
    """`{"status": "up"}`, or `down` with every reason."""
    with on_platform(), connection.cursor() as cursor:
        cursor.execute(QUESTION)
        clinics, lost, strangers, opened, superuser = cursor.fetchone()
    switched_on = bool(connection.settings_dict.get("CLINIC_ROLES", True))
    checks = {
        "clinic roles are switched off": not switched_on,
        "clinics without a role of their own": lost,
        "roles that may use another clinic's schema": strangers,
        "clinics the login role may read without taking on their role": opened,
        "the login role is above all rights": superuser,
    }
    why = [reason for reason, found in checks.items() if found]
    return {"status": "down" if why else "up", "clinics": clinics, "why": why}


def sessions() -> dict[str, Any]:
    """Whether sessions keep path and role on the way to PostgreSQL, tried just now."""
    lost = pooler.measured()
    return {"status": "down" if lost else "up", "why": lost}
