"""Which rooms can be listened to over WebSocket? Queues: by staff, and by screens to which a queue belongs."""

from uuid import UUID

from django.urls import path

from accounts.roles import Role, reach
from accounts.services import displays, tickets
from appointments.queue.models import Queue
from appointments.queue.room import QueueLog
from healthcare.core.realtime.rooms import NoRoom, Pass
from healthcare.core.realtime.socket import Socket


class QueueSocket(Socket):
    log = QueueLog()
    gate = tickets
    parameter = "queue_id"

    def allows(self, given: Pass, room: UUID) -> bool:
        """Staff by the role table; a screen only what is its own, and what is not looks as if it were not there."""
        if given.kind != displays.KIND:
            return reach("queue.view", frozenset(Role(role) for role in given.grants)) is not None
        if given.grants and not Queue.objects.filter(pk=room, practitioner__in=given.grants).exists():
            raise NoRoom
        return True


urlpatterns = [path("ws/queues/<uuid:queue_id>", QueueSocket.as_asgi())]
