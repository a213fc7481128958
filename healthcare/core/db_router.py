"""Which tables go to which database and schema? Keys live apart; shared apps in public; clinic apps in clinic schemas."""

from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import connections

KEYSTORE = "keystore"


class Router:
    def db_for_read(self, model: Any, **hints: Any) -> str | None:
        return KEYSTORE if model._meta.app_label == KEYSTORE else None

    db_for_write = db_for_read

    def allow_relation(self, first: Any, second: Any, **hints: Any) -> bool | None:
        return bool((first._meta.app_label == KEYSTORE) == (second._meta.app_label == KEYSTORE))

    def allow_migrate(self, db: str, app_label: str, model_name: str | None = None, **hints: Any) -> bool:
        if KEYSTORE in (db, app_label):
            return db == app_label
        connection: Any = connections[db]
        wanted = settings.SHARED_APPS if connection.schema_name == "public" else settings.TENANT_APPS
        return apps.get_app_config(app_label).name in wanted
