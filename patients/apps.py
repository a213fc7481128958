from django.apps import AppConfig


class PatientsConfig(AppConfig):
    name = "patients"
    verbose_name = "Patients"

    def ready(self) -> None:
        from patients import listeners, tasks  # noqa: F401  (hears of people who join; registers its jobs)
        from patients.services import renewing  # noqa: F401  (registers its files with the rotation of keys)
