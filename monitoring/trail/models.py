"""What was done in this clinic? Its trail, in its own schema: add only."""

from healthcare.core.tenancy import ClinicRow
from monitoring.trail.entry import Entry


class ClinicAuditEntry(Entry, ClinicRow):
    class Meta(Entry.Meta):
        db_table = "audit_entry"
        verbose_name = "audit entry"
        verbose_name_plural = "audit entries"
