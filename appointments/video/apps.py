from django.apps import AppConfig


class VideoConfig(AppConfig):
    name = "appointments.video"
    label = "video"
    verbose_name = "Video"
