from django.apps import AppConfig


class MonitoringConfig(AppConfig):
    name = "monitoring"
    verbose_name = "Health and trail"

    def ready(self) -> None:
        from monitoring.trail import listeners  # noqa: F401  (hears of sign-ins)
        from monitoring.trail.registry import register_all

        register_all()
