"""Which models are audited? All of ours, unless a line here says why not.

django-auditlog keeps the registry and the signals; the receivers are ours, because its own compare by reading every column
(see changes.py) and take the names of reverse relations for columns.
"""

from collections.abc import Iterator
from typing import Any

from auditlog.registry import AuditlogModelRegistry
from django.apps import apps
from django.db.models import Model
from django.db.models.signals import post_delete, post_save, pre_save

from monitoring.trail.changes import between
from monitoring.trail.entry import Action

OURS = ("healthcare", "clinics", "accounts", "patients", "appointments", "notifications", "monitoring")

# model: why its writes leave no entry
EXEMPT: dict[str, str] = {
    "core.eventrecord": "is itself a record of what happened",
    "core.job": "work owed; its effects are audited where they happen",
    "core.heartbeat": "says only that a part of the product works",
    "core.storedanswer": "a sealed copy of an answer for a repeated call, gone after a day",
    "core.count": "a counter of tries",
    "clinics.settingsversion": "is itself the record of a change, which the clinic's own entry tells too",
    "keystore.wrappedkey": "lives in the key store's own database; keys are made with the row they protect",
    "accounts.session": "its beginning and end are recorded as login and logout",
    "accounts.socketticket": "opens one socket within thirty seconds",
    "accounts.challenge": "asked once and gone after minutes; what it opened is recorded as login",
    "accounts.lock": "a counter of tries; each failed one is recorded",
    "accounts.totp": "its setting up, use and removal are recorded",
    "accounts.recoverycode": "its making and use are recorded",
    "patients.importedrow": "is itself the report of an import; what it made is audited",
    "patients.importedthing": "remembers a foreign id; what became of it is audited",
    "appointments.claim": "written in bulk with its appointment, which is audited",
    "busy.busy": "a trigger's copy of a claim",
    "appointments.transition": "is itself the log of an appointment's steps",
    "payments.gatewaynote": "is itself the record of what a gateway told",
    "payments.receiptbook": "a counter; the receipts it numbers are audited",
    "queue.queueevent": "is itself the log of a queue",
    "notifications.delivery": "is itself the ledger of what went out",
    "notifications.inbox": "a counter of entries, which are audited",
    "webhooks.webhookdelivery": "is itself the ledger of what went out",
    "notices.noticedelivery": "is itself the ledger of what went out",
    "monitoring.platformauditentry": "is the trail",
    "trail.clinicauditentry": "is the trail",
}


def created(sender: type[Model], instance: Model, created: bool, **_: Any) -> None:
    if created:
        _entries().log_create(instance, force_log=True, action=Action.CREATE, changes=between(None, instance))


def updated(sender: type[Model], instance: Model, update_fields: Any = None, **_: Any) -> None:
    """Before the write, so that the old values are still there; the verb's transaction makes both one."""
    if instance._state.adding:
        return
    old = sender._base_manager.filter(pk=instance.pk).first()
    if old is not None:
        _entries().log_create(instance, action=Action.UPDATE, changes=between(old, instance, update_fields))


def deleted(sender: type[Model], instance: Model, **_: Any) -> None:
    _entries().log_create(instance, force_log=True, action=Action.DELETE, changes=between(instance, None))


auditlog = AuditlogModelRegistry(
    create=False,
    update=False,
    delete=False,
    access=False,
    custom={post_save: created, pre_save: updated, post_delete: deleted},
)


def register_all() -> None:
    for model in audited_models():
        relations = {f.name for f in model._meta.many_to_many}
        auditlog.register(model, m2m_fields=relations)


def audited_models() -> Iterator[type[Model]]:
    for model in apps.get_models():
        if model.__module__.partition(".")[0] in OURS and model._meta.label_lower not in EXEMPT:
            yield model


def _entries() -> Any:
    from auditlog import get_logentry_model

    return get_logentry_model().objects
