"""What was done in this clinic? Its trail, in its own schema, and the seals on it: add only."""

from django.db import models

from healthcare.core.tenancy import ClinicRow
from monitoring.seals.seal import Seal
from monitoring.trail.entry import Entry


class ClinicAuditEntry(Entry, ClinicRow):
    class Meta(Entry.Meta):
        db_table = "audit_entry"
        verbose_name = "audit entry"
        verbose_name_plural = "audit entries"


class ClinicAuditSeal(Seal, ClinicRow):
    class Meta(Seal.Meta):
        db_table = "audit_seal"
        constraints = [models.UniqueConstraint(fields=["number"], name="audit_seal_number_once")]
