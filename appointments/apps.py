from django.apps import AppConfig


class AppointmentsConfig(AppConfig):
    name = "appointments"
    verbose_name = "Appointments"

    def ready(self) -> None:
        # what charts ask; what stands in the way of closing; changed schedules; its jobs
        from appointments import charts, closing, explaining, importing, listeners, tasks  # noqa: F401
        from appointments.plugins.registry import kinds
        from clinics import vocabulary

        vocabulary.offer("kind", kinds)
        kinds()  # a wrong APPOINTMENT_PLUGINS stops the start, not the first booking
