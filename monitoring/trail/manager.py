"""How does django-auditlog hand us a change? By the two calls it makes on the entry model's manager."""

from typing import Any

from django.db import models


class Trail(models.Manager[Any]):
    """The table is chosen by the changed model, never by the place we happen to be in."""

    def log_create(self, instance: models.Model, force_log: bool = False, **known: Any) -> Any:
        """One entry about one row; None where nothing changed that is looked at."""
        from monitoring.trail.writing import of_row

        changes = known.get("changes")
        return of_row(instance, known["action"], changes or {}) if changes or force_log else None

    def log_m2m_changes(
        self, changed_queryset: Any, instance: models.Model, operation: str, field_name: str, **known: Any
    ) -> Any:
        """One entry about related rows that were added or taken away; they are named by id."""
        from monitoring.trail.entry import Action
        from monitoring.trail.writing import of_row

        ids = [str(row.pk) for row in changed_queryset]
        change = [None, ids] if operation == "add" else [ids, None]
        return of_row(instance, Action.UPDATE, {field_name: change}) if ids else None
