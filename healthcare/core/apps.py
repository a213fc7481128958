from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "healthcare.core"
    label = "core"
    verbose_name = "Frame"

    def ready(self) -> None:
        from healthcare import celery  # noqa: F401  (every process that enqueues sends through this application, not a default one)
        from healthcare.core import checks, idempotency, upkeep  # noqa: F401  (what a start asks; kept answers get new keys; its jobs)
