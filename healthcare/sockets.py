"""Which socket address leads where?"""

from typing import Any

from django.urls import re_path

from appointments.queue.sockets import urlpatterns as queues
from healthcare.core.realtime.socket import nowhere

_nowhere: Any = nowhere  # a socket; Django's `re_path` expects a view

urlpatterns = [*queues, re_path(r"", _nowhere)]
