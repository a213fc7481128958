from django.apps import AppConfig


class PaymentsConfig(AppConfig):
    name = "appointments.payments"
    label = "payments"
    verbose_name = "Payments"

    def ready(self) -> None:
        from appointments.payments import listeners, tasks  # noqa: F401  (hears of cancellations; registers its jobs)
