from django.apps import AppConfig


class TrailConfig(AppConfig):
    name = "monitoring.trail"
    label = "trail"
    verbose_name = "Audit trail"
