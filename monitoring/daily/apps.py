from django.apps import AppConfig


class DailyConfig(AppConfig):
    name = "monitoring.daily"
    label = "daily"
    verbose_name = "Daily figures"

    def ready(self) -> None:
        from monitoring.daily import tasks  # noqa: F401  (registers its jobs)
