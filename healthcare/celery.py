"""How do workers start? One Celery application; its queues are the rows of the job queue table."""

import os

from celery import Celery
from kombu import Queue

from healthcare.embedded.environment import load

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "healthcare.settings")
load()

from healthcare.core.job_queues import names  # noqa: E402

app = Celery("healthcare")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.task_queues = [Queue(name, routing_key=name) for name in names()]
app.conf.task_create_missing_queues = False  # a stray task fails loudly
app.autodiscover_tasks(["healthcare.core"])
