"""Which charts does clinic staff see in the admin? Those its role allows; found by MRN, as names may not be in addresses."""

from django.contrib import admin

from accounts.fields import AdminFieldsByRole
from healthcare.core.admin import ReadOnlyAdmin
from patients.models import Patient


@admin.register(Patient)
class PatientAdmin(AdminFieldsByRole, ReadOnlyAdmin):
    shape = "patient"
    sees = "patient.view"
    list_display = ("mrn", "full_name", "date_of_birth", "sex", "created_at")
    search_fields = ("=mrn",)
    search_help_text = "The whole MRN."
    fields = ("mrn", "first_name", "last_name", "date_of_birth", "sex", "phone", "email", "language", "created_at")
    ordering = ("-id",)

    @admin.display(description="Name")
    def full_name(self, patient: Patient) -> str:
        return patient.full_name
