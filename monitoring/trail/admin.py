"""What do auditors see of their clinic's trail? Everything; nothing can be changed."""

from django.contrib import admin

from monitoring.trail.models import ClinicAuditEntry
from monitoring.trail.pages import TrailAdmin

admin.site.unregister(ClinicAuditEntry)  # django-auditlog's own page expects its own columns
admin.site.register(ClinicAuditEntry, TrailAdmin)
