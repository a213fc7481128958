"""Which rooms can be listened to over WebSocket? Queues: by staff, and by screens to which a queue belongs."""

from typing import Any, ClassVar
from uuid import UUID

from django.urls import path

from accounts.roles import Role, reach
from accounts.services import displays, tickets
from appointments.queue.models import Queue
from appointments.queue.room import QueueLog
from healthcare.core.realtime.rooms import Gate, NoRoom, Pass
from healthcare.core.realtime.socket import Socket


class QueueSocket(Socket):
    log: ClassVar[QueueLog] = QueueLog()
    gate: ClassVar[Gate] = tickets
    parameter: ClassVar[str] = "queue_id"

    def allows(self, given: Pass, room: UUID) -> bool:
        """Staff by the role table; a screen only what is its own, and what is not looks as if it were not there."""
        if given.kind != displays.KIND:
            return reach("queue.view", frozenset(Role(role) for role in given.grants)) is not None
        if not Queue.objects.of_display(given.grants).filter(pk=room).exists():
            raise NoRoom
        return True


_queue: Any = QueueSocket.as_asgi()  # a socket, for channels' router; Django's `path` expects a view

urlpatterns = [path("ws/queues/<uuid:queue_id>", _queue)]
