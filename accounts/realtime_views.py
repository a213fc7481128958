"""How does a signed-in person get a ticket for a socket?"""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from accounts.services import tickets
from healthcare.core.shapes import Nothing
from healthcare.core.views import ClinicViewSet


class SocketTicketOutput(serializers.Serializer[Any]):
    ticket = serializers.CharField(help_text="For the hello of one socket, once.")
    expires_in = serializers.IntegerField(help_text="seconds")


class TicketViewSet(ClinicViewSet):
    tags = ("realtime",)
    needs = {"create": "realtime.connect"}

    @extend_schema(request=Nothing, responses={201: SocketTicketOutput})
    def create(self, request: Any) -> Response:
        """A one-time ticket, 30 s, for one socket in this clinic; never a token in a URL."""
        self.parsed(Nothing)
        who = request.auth
        made = tickets.issue(user_id=who.user_id, session_id=who.session_id, clinic_id=self.clinic.id, now=timezone.now())
        return Response(SocketTicketOutput({"ticket": made.text, "expires_in": made.expires_in}).data, status=201)
