"""In whose schema, as which role, by whom does a statement run? All is set together, or the statement is not sent.

django-tenants' own wrapper swallows a failed `SET search_path` and sets no role. Here one `set_config` statement sets both,
with who acts, which the triggers of the audit read; a failure is raised, and what was set is forgotten whenever the server may
have undone it (rollback, savepoint, reconnect).
"""

from typing import Any

from django.db.backends.postgresql.psycopg_any import is_psycopg3  # noqa: F401  (the backend's public marker)
from django.utils.asyncio import async_unsafe
from django_tenants.postgresql_backend import base as tenants
from psycopg.pq import TransactionStatus

from healthcare.core.context import acting, as_setting
from healthcare.core.postgresql import pooler

PUBLIC = "public"
PLACE = "SELECT set_config('search_path', %s, false), set_config('role', %s, false), set_config('healthcare.acting', %s, false)"


class DatabaseWrapper(tenants.DatabaseWrapper):
    _setting_search_path: bool

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._placed: tuple[str, str, str] | None = None
        super().__init__(*args, **kwargs)

    @property
    def role(self) -> str:
        """The PostgreSQL role of the current schema; `none` is the login role itself."""
        has_own = self.schema_name != PUBLIC and self.settings_dict.get("CLINIC_ROLES", True)
        return self.schema_name if has_own else "none"

    def set_tenant(self, tenant: Any, include_public: bool = True) -> None:
        """Choose the schema for the statements to come; sends nothing. Content types are public only: their cache stays."""
        self.tenant = tenant
        self.schema_name = tenant.schema_name
        self.include_public_schema = include_public
        self.settings_dict["SCHEMA"] = self.schema_name

    def _handle_search_path(self, cursor: Any = None) -> None:
        path = ", ".join(f'"{s}"' for s in self._get_cursor_search_paths())
        wanted = (path, self.role, as_setting(acting()))
        if self._setting_search_path or self._placed == wanted:
            return
        if self.connection.info.transaction_status == TransactionStatus.INERROR:
            # Only a rollback can follow; PostgreSQL refuses everything else by itself, so nothing can stray.
            self._placed = None
            return
        self._placed = None
        self._setting_search_path = True
        try:
            # the driver's cursor: no statement of ours, so none that is counted; what goes wrong is raised as Django's
            with self.wrap_database_errors, self.connection.cursor() as own:
                own.execute(PLACE, wanted)
            self._placed = wanted
        finally:
            self._setting_search_path = False

    @async_unsafe
    def connect(self) -> None:
        """Raises UnsafePooler before anything is asked, where sessions would lose their place on the way."""
        self._placed = None
        pooler.assert_safe(self.alias)
        super().connect()

    def close(self) -> None:
        self._placed = None
        super().close()

    @async_unsafe
    def rollback(self) -> None:
        self._placed = None
        super().rollback()

    @async_unsafe
    def savepoint_rollback(self, sid: str) -> None:
        try:
            super().savepoint_rollback(sid)
        finally:
            self._placed = None
