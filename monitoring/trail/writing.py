"""How is something put on record? One verb; actor, session, request and address are those of the moment of writing."""

from typing import Any
from uuid import UUID

from django.apps import apps
from django.conf import settings
from django.db import models

from healthcare.core.context import Acting, acting
from healthcare.core.tenancy import ClinicRow, clinic_or_none, current_clinic, on_platform
from monitoring.trail.entry import ActorKind, Entry

Changes = dict[str, list[Any]]


def record(
    action: str,
    object_type: str,
    object_id: object = "",
    *,
    changes: Changes | None = None,
    actor: UUID | None = None,
    clinic_id: UUID | None = None,
    in_clinic: bool | None = None,
    subjects: list[UUID] | None = None,
) -> Entry:
    """Put one deed on record. `object_type` is a model's label (its app decides the table) or a route.

    `in_clinic` decides for what is no model: the current clinic's trail, or the platform's. `actor` where nobody has signed
    in yet, `subjects` the patients it is about. Raises NoClinic for a clinic's deed outside a clinic.
    """
    if in_clinic is None:
        in_clinic = object_type.partition(".")[0] in clinic_labels()
    clinic = current_clinic() if in_clinic else clinic_or_none()
    known = _circumstances(acting(), actor) | {
        "action": action,
        "object_type": object_type[:120],
        "object_id": str(object_id)[:64],
        "changes": changes or {},
        "subjects": subjects,
        "clinic_id": clinic.id if clinic else clinic_id,
    }
    if in_clinic:
        return _add("trail.ClinicAuditEntry", known)
    with on_platform():
        return _add("monitoring.PlatformAuditEntry", known)


def of_row(row: models.Model, action: str, changes: Changes) -> Entry:
    """A deed on a row of ours. Raises StrayObject where the row belongs to another clinic than the current one."""
    if isinstance(row, ClinicRow):
        row.assert_home()
    return record(action, row._meta.label_lower, row.pk, changes=changes, clinic_id=getattr(row, "clinic_id", None))


def clinic_labels() -> set[str]:
    """Labels of the apps whose tables live in clinics' schemas."""
    return {config.label for config in apps.get_app_configs() if config.name in settings.TENANT_APPS}


def _circumstances(now: Acting, actor: UUID | None) -> dict[str, Any]:
    who = actor or now.actor_id
    outside = ActorKind.VISITOR if now.address else ActorKind.SYSTEM
    return {
        "actor": who,
        "actor_kind": ActorKind.PERSON if who else outside,
        "session": now.session_id,
        "request_id": now.request_id,
        "address": now.address or None,
        "purpose": now.purpose[:120],
    }


def _add(label: str, known: dict[str, Any]) -> Entry:
    entry: Entry = apps.get_model(label)(**known)
    entry.save(force_insert=True)
    return entry
