"""Which pages about charts does staff have in the admin? The chart with its sections, and the search."""

from patients.admin.chart import PatientAdmin

__all__ = ["PatientAdmin"]
