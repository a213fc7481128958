from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "notifications"
    verbose_name = "Notifications"

    def ready(self) -> None:
        from notifications import listeners, tasks  # noqa: F401  (hears of what happened; registers its jobs)
