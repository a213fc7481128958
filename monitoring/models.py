"""What was done to people, clinics and the installation? The platform's trail, in public, and the seals on it: add only."""

from django.db import models

from monitoring.seals.seal import Seal
from monitoring.trail.entry import Entry


class PlatformAuditEntry(Entry):
    class Meta(Entry.Meta):
        db_table = "platform_audit_entry"
        verbose_name = "platform audit entry"
        verbose_name_plural = "platform audit entries"


class PlatformAuditSeal(Seal):
    class Meta(Seal.Meta):
        db_table = "platform_audit_seal"
        constraints = [models.UniqueConstraint(fields=["number"], name="platform_audit_seal_number_once")]
