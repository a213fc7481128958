from django.apps import AppConfig


class CheckinConfig(AppConfig):
    name = "appointments.checkin"
    label = "checkin"
    verbose_name = "Check-in"
