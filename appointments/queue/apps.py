from django.apps import AppConfig


class QueueConfig(AppConfig):
    name = "appointments.queue"
    label = "queue"
    verbose_name = "Live queue"

    def ready(self) -> None:
        from appointments.queue import dashboard, listeners, merge, obstacles, tasks  # noqa: F401  (figures; check-ins; closing; its jobs)
        from clinics import vocabulary

        vocabulary.offer("merge_rule", lambda: merge.RULES)
