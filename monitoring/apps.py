from django.apps import AppConfig


class MonitoringConfig(AppConfig):
    name = "monitoring"
    verbose_name = "Health and trail"

    def ready(self) -> None:
        from monitoring.seals import rounds  # noqa: F401  (registers its job)
        from monitoring.trail import listeners, triggers  # noqa: F401  (hears of sign-ins; fits schemas)
        from monitoring.trail.registry import register_all

        register_all()
