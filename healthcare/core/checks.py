"""What does `manage.py check --deploy` ask of the world outside? Whether sessions keep their place on the way to PostgreSQL."""

from collections.abc import Sequence
from typing import Any

import psycopg
from django.core.checks import CheckMessage, Error, Info, register

from healthcare.core.postgresql.pooler import UnsafePooler, measured


@register("pooler", deploy=True)
def sessions_keep_their_place(app_configs: Any, **options: Any) -> Sequence[CheckMessage]:
    try:
        lost = measured()
    except psycopg.Error as error:
        return [
            Info(
                f"The database could not be asked whether sessions keep their place ({type(error).__name__}).",
                id="healthcare.I001",
            )
        ]
    return [Error(str(UnsafePooler(lost)), id="healthcare.E001")] if lost else []
