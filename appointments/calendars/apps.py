from django.apps import AppConfig


class CalendarsConfig(AppConfig):
    name = "appointments.calendars"
    label = "calendars"
    verbose_name = "Calendars"

    def ready(self) -> None:
        from appointments.calendars import listeners, tasks  # noqa: F401  (hears of changed appointments; registers its jobs)
