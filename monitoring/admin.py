"""What does the platform's own staff see of the trail in public? Everything; nothing can be changed."""

from django.contrib import admin

from monitoring.models import PlatformAuditEntry
from monitoring.trail.pages import TrailAdmin

admin.site.register(PlatformAuditEntry, TrailAdmin)
