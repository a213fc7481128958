"""What was done to people, clinics and the installation? The platform's trail, in public: add only."""

from monitoring.trail.entry import Entry


class PlatformAuditEntry(Entry):
    class Meta(Entry.Meta):
        db_table = "platform_audit_entry"
        verbose_name = "platform audit entry"
        verbose_name_plural = "platform audit entries"
