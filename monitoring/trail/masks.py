"""Which values may the trail show? Ids, numbers, instants and codes; every other text only where this table says so.

Masked is the rule: a new text column is masked until somebody says that no person can be recognised or described by it.
"""

from django.db import models

from healthcare.core.fields import SealedField
from healthcare.core.prefix_index import PrefixIndex

MASK = "•"

# text and JSON columns that are shown: model -> columns, "*" for all
SHOWN: dict[str, frozenset[str]] = {
    "clinics.clinic": frozenset("*"),
    "clinics.domain": frozenset("*"),
    "clinics.location": frozenset("*"),
    "clinics.tombstone": frozenset("*"),
    "accounts.membership": frozenset({"role"}),
    "accounts.user": frozenset({"language", "zone"}),
    "accounts.display": frozenset({"name", "languages", "practitioners"}),
    "patients.formerversion": frozenset({"section"}),
    "patients.amendment": frozenset({"section"}),
    "patients.consent": frozenset({"wording"}),
    "patients.merge": frozenset({"moved"}),
    "patients.importrun": frozenset({"counts"}),
    "appointments.appointment": frozenset({"kind", "priority", "state"}),
    "appointments.practitioner": frozenset("*"),  # a professional card, as on the door
    "calendars.calendartarget": frozenset({"fault"}),
    "courses.coursetemplate": frozenset("*"),
    "courses.course": frozenset({"therapists", "why"}),
    "waitlist.wish": frozenset({"kind", "weekdays"}),
    "waitlist.offer": frozenset({"rank"}),
    "payments.gatewayaccount": frozenset({"provider"}),
    "payments.bill": frozenset({"currency"}),
    "payments.payment": frozenset({"provider", "provider_id", "charge_id"}),
    "payments.refund": frozenset({"provider_id"}),
    "queue.queue": frozenset("*"),
    "queue.token": frozenset({"number", "priority", "status"}),
    "notifications.notification": frozenset({"message", "language", "subject_ids"}),
    "notifications.preference": frozenset({"channels", "declined", "learned_channel"}),
    "webhooks.webhook": frozenset({"host", "events"}),
    "notices.notice": frozenset({"message", "language", "subject_ids"}),
}
# codes that describe a person all the same
HIDDEN: dict[str, frozenset[str]] = {
    "patients.patient": frozenset({"sex", "language"}),
    "patients.contact": frozenset({"relation"}),
    "patients.allergy": frozenset({"category", "criticality"}),
    "patients.condition": frozenset({"status", "is_sensitive"}),
}
# columns whose changes tell nothing: counters that move with every write, what another entry tells better
LEFT_OUT: dict[str, frozenset[str]] = {
    "*": frozenset({"version"}),
    "accounts.user": frozenset({"last_login"}),
    "queue.queue": frozenset({"seq", "last_number"}),
}
TEXT = (models.CharField, models.TextField, models.JSONField, models.GenericIPAddressField, models.FileField)


def masked(value: object) -> str:
    """The mask; its length tells nothing of the value's."""
    return MASK


def looked_at(field: models.Field) -> bool:  # type: ignore[type-arg]
    """Whether a change of the column is recorded at all: not keys, digests, ciphertext outside sealed columns, counters."""
    if isinstance(field, PrefixIndex) or (isinstance(field, models.BinaryField) and not isinstance(field, SealedField)):
        return False
    left_out = LEFT_OUT["*"] | LEFT_OUT.get(field.model._meta.label_lower, frozenset())
    return not field.primary_key and field.name not in left_out


def shown(field: models.Field) -> bool:  # type: ignore[type-arg]
    """Whether the column's values may be read in the trail."""
    model = field.model._meta.label_lower
    if isinstance(field, SealedField) or field.name in HIDDEN.get(model, ()):
        return False
    listed = SHOWN.get(model, frozenset())
    return not isinstance(field, TEXT) or bool(field.choices) or "*" in listed or field.name in listed
