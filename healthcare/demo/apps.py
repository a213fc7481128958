from django.apps import AppConfig


class DemoConfig(AppConfig):
    name = "healthcare.demo"
    label = "demo"
    verbose_name = "Demo data"
