"""How does django-auditlog hand us something to put on record? By the call it makes on the entry model's manager."""

from typing import Any

from django.db import models


class Trail(models.Manager[Any]):
    """Changes of rows are written by triggers; what comes here is a deed beside them (`access`), told by auditlog or by us."""

    def log_create(self, instance: models.Model, force_log: bool = False, **known: Any) -> Any:
        """One entry about one row, in the trail of its table."""
        from monitoring.trail.writing import of_row

        return of_row(instance, known["action"], known.get("changes") or {})
