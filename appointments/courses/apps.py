from django.apps import AppConfig


class CoursesConfig(AppConfig):
    name = "appointments.courses"
    label = "courses"
    verbose_name = "Courses"

    def ready(self) -> None:
        from appointments.courses import listeners, tasks  # noqa: F401  (hears of missed sittings; registers its jobs)
