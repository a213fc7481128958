"""What is one entry of the trail? Who did what to which thing, when, from where, for what: ids and masked changes, no names.

Not auditlog's own base: that one refers to content types in public and keeps each object's name and plain values.
"""

from typing import Any

from django.db import models
from django.utils import timezone

from healthcare.core.tenancy import Row
from monitoring.trail.manager import Trail


class AppendOnly(TypeError):
    """An entry can be added, never changed or removed (the database refuses it too)."""


class Action(models.TextChoices):
    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    ACCESS = "access"
    SEARCH = "search"
    EXPORT = "export"
    REFUSED = "refused"
    LOGIN = "login"
    LOGOUT = "logout"


class ActorKind(models.TextChoices):
    """`visitor` is somebody outside who has not signed in; `system` the product itself."""

    PERSON = "person"
    VISITOR = "visitor"
    SYSTEM = "system"


class TransactionId(models.Field):  # type: ignore[type-arg]
    """PostgreSQL's 64-bit transaction id, by which entries are sealed in the order they became visible."""

    def db_type(self, connection: Any) -> str:
        return "xid8"

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> int | None:
        return None if value is None else int(value)


class Entry(Row):
    Action = Action

    at = models.DateTimeField(default=timezone.now)
    action = models.CharField(max_length=10, choices=Action.choices)
    object_type = models.CharField(max_length=120)  # "appointments.appointment", or the route of a refusal
    object_id = models.CharField(max_length=64, blank=True)
    actor = models.UUIDField(null=True)
    actor_kind = models.CharField(max_length=10, choices=ActorKind.choices)
    session = models.UUIDField(null=True)
    request_id = models.CharField(max_length=64, blank=True)
    address = models.GenericIPAddressField(null=True)
    purpose = models.CharField(max_length=120, blank=True)
    clinic_id = models.UUIDField(null=True)
    changes: "models.JSONField[dict[str, Any], dict[str, Any]]" = models.JSONField(default=dict)  # {field: [old, new]}
    tx = TransactionId(db_default=models.Func(function="pg_current_xact_id"), editable=False)

    objects = Trail()

    class Meta:
        abstract = True
        indexes = [
            models.Index(fields=["object_id", "-id"], name="%(class)s_object"),
            models.Index(fields=["actor", "-id"], name="%(class)s_actor"),
            models.Index(fields=["tx"], name="%(class)s_tx"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.object_type}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise AppendOnly
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> Any:
        raise AppendOnly
