from django.apps import AppConfig


class ClinicsConfig(AppConfig):
    name = "clinics"
    verbose_name = "Clinics"

    def ready(self) -> None:
        from clinics import listeners, tasks  # noqa: F401  (what is kept of clinics is forgotten; its jobs)
