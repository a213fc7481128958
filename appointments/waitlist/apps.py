from django.apps import AppConfig


class WaitlistConfig(AppConfig):
    name = "appointments.waitlist"
    label = "waitlist"
    verbose_name = "Waitlist"

    def ready(self) -> None:
        from appointments.waitlist import listeners, tasks  # noqa: F401  (hears of freed times; registers its jobs)
