"""Which socket address leads where?"""

from typing import Any

from django.urls import re_path

from appointments.queue.sockets import urlpatterns as queues
from healthcare.core.realtime.socket import nowhere
from notifications.sockets import urlpatterns as inboxes

_nowhere: Any = nowhere  # a socket; Django's `re_path` expects a view

urlpatterns = [*queues, *inboxes, re_path(r"", _nowhere)]
