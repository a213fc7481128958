from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "healthcare.core"
    label = "core"
    verbose_name = "Frame"

    def ready(self) -> None:
        from healthcare.celery import app

        app.set_default()  # so that tasks find the broker in whichever process they are sent from
