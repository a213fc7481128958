"""Which room has a person's own messages? Theirs alone."""

from typing import Any, ClassVar
from uuid import UUID

from django.urls import path

from accounts.models import Session
from accounts.services import tickets
from healthcare.core.realtime.rooms import Gate, Pass
from healthcare.core.realtime.socket import Socket
from healthcare.core.tenancy import on_platform
from notifications.room import InboxLog


class InboxSocket(Socket):
    log: ClassVar[InboxLog] = InboxLog()
    gate: ClassVar[Gate] = tickets
    parameter: ClassVar[str] = "user_id"

    def allows(self, given: Pass, room: UUID) -> bool:
        """The sign-in must be this person's own; whose room it is else is not told."""
        if given.kind != tickets.KIND:
            return False
        with on_platform():
            return Session.objects.filter(pk=given.id, user_id=room).exists()


_inbox: Any = InboxSocket.as_asgi()  # a socket, for channels' router; Django's `path` expects a view

urlpatterns = [path("ws/users/<uuid:user_id>", _inbox)]
