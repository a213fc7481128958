from django.apps import AppConfig


class WebhooksConfig(AppConfig):
    name = "notifications.webhooks"
    label = "webhooks"
    verbose_name = "Webhooks and the event feed"

    def ready(self) -> None:
        from notifications.webhooks import listeners, tasks  # noqa: F401  (hears of what happened; registers its jobs)
