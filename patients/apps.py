from django.apps import AppConfig


class PatientsConfig(AppConfig):
    name = "patients"
    verbose_name = "Patients"

    def ready(self) -> None:
        from patients import listeners, tasks  # noqa: F401  (hears of people who join; registers its jobs)
