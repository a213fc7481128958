from django.apps import AppConfig


class ProbeConfig(AppConfig):
    name = "healthcare.probe"
    label = "probe"
    verbose_name = "Isolation probe"
