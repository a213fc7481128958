from django.apps import AppConfig


class NoticesConfig(AppConfig):
    name = "notifications.notices"
    label = "notices"
    verbose_name = "Notices of the platform"
