from django.apps import AppConfig


class AppointmentsConfig(AppConfig):
    name = "appointments"
    verbose_name = "Appointments"

    def ready(self) -> None:
        from appointments import listeners, tasks  # noqa: F401  (hears of changed schedules; registers its jobs)
        from appointments.plugins.registry import kinds

        kinds()  # a wrong APPOINTMENT_PLUGINS stops the start, not the first booking
