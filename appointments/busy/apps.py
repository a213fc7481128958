from django.apps import AppConfig


class BusyConfig(AppConfig):
    name = "appointments.busy"
    label = "busy"
    verbose_name = "Busy across clinics"

    def ready(self) -> None:
        from appointments.busy import listeners  # noqa: F401  (hears of clinics that end or come back)
