from django.apps import AppConfig


class GlassConfig(AppConfig):
    name = "patients.glass"
    label = "glass"
    verbose_name = "Emergency access"

    def ready(self) -> None:
        from patients import explaining  # noqa: F401  (says why somebody sees a chart)
        from patients.glass import seeing, tasks  # noqa: F401  (registers its jobs)
        from patients.services.consenting import exception

        exception("break_glass", seeing.is_open)
