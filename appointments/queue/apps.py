from django.apps import AppConfig


class QueueConfig(AppConfig):
    name = "appointments.queue"
    label = "queue"
    verbose_name = "Live queue"

    def ready(self) -> None:
        from appointments.queue import listeners, tasks  # noqa: F401  (hears of check-ins; registers its jobs)
