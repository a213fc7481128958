"""Which socket address leads where?"""

from appointments.queue.sockets import urlpatterns

__all__ = ["urlpatterns"]
