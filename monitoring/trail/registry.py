"""Which models are audited? All of ours, unless a line here says why not.

django-auditlog keeps the registry; its signals are not connected. Triggers on every audited table write the trail
(`triggers.py`), so that a save, `bulk_create`, `update()`, a cascade and SQL by hand leave the same one entry.
"""

from collections.abc import Iterator

from auditlog.registry import AuditlogModelRegistry
from django.apps import apps
from django.db.models import Model

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
    "calendars.calendarcopy": "which version of an appointment a calendar elsewhere has; the appointment is audited",
    "checkin.pass": "opens one check-in within minutes; the arrival is audited",
    "waitlist.opening": "a freed time; what was offered of it to whom is audited",
    "payments.gatewaynote": "is itself the record of what a gateway told",
    "payments.receiptbook": "a counter; the receipts it numbers are audited",
    "queue.queueevent": "is itself the log of a queue",
    "notifications.delivery": "is itself the ledger of what went out",
    "notifications.inbox": "a counter of entries, which are audited",
    "daily.day": "figures counted from rows that are audited, counted anew every hour",
    "webhooks.webhookdelivery": "is itself the ledger of what went out",
    "notices.noticedelivery": "is itself the ledger of what went out",
    "monitoring.platformauditentry": "is the trail",
    "trail.clinicauditentry": "is the trail",
    "monitoring.platformauditseal": "is a seal on the trail",
    "trail.clinicauditseal": "is a seal on the trail",
}

auditlog = AuditlogModelRegistry(create=False, update=False, delete=False, access=False, m2m=False)


def register_all() -> None:
    for model in audited_models():
        auditlog.register(model)


def audited_models() -> Iterator[type[Model]]:
    """Ours, with the tables that Django makes for many-to-many relations."""
    for model in apps.get_models(include_auto_created=True):
        if model.__module__.partition(".")[0] in OURS and model._meta.label_lower not in EXEMPT and not model._meta.proxy:
            yield model
