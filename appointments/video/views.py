"""How do people meet by video over REST? Each action parses, calls one verb, answers."""

from typing import Any
from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.response import Response

from appointments.models import Appointment
from appointments.video.models import VideoRoom
from appointments.video.serializers import IssueInput, IssueOutput, MeetingJoinedOutput, MeetingOutput
from appointments.video.services import rooms
from healthcare.core.errors import NotFound
from healthcare.core.shapes import Nothing
from healthcare.core.views import ClinicViewSet


class VideoViewSet(ClinicViewSet):
    tags = ("video",)
    queryset = VideoRoom.objects.none()
    needs = {
        "retrieve": "appointment.view",
        "join": "video.join",
        "admit": "video.admit",
        "end": "video.admit",
        "report": "video.join",
    }

    @extend_schema(responses={200: MeetingOutput})
    def retrieve(self, request: Any, appointment_id: UUID) -> Response:
        """When the room opens, whether the patient waits, was let in, or it is over."""
        return self._meeting(self._appointment(appointment_id))

    @extend_schema(request=Nothing, responses={200: MeetingJoinedOutput})
    def join(self, request: Any, appointment_id: UUID) -> Response:
        """A token for the caller and this room, for ten minutes. A patient who was not admitted yet is noted as waiting."""
        row = self._asked(appointment_id)
        return Response(MeetingJoinedOutput(rooms.join(appointment=row, by=self.member.user_id, now=timezone.now())).data)

    @extend_schema(request=Nothing, responses={200: MeetingOutput})
    def admit(self, request: Any, appointment_id: UUID) -> Response:
        """Let the patient in (`nobody_waits` where they have not asked)."""
        row = self._asked(appointment_id)
        rooms.admit(appointment=row, by=self.member.user_id, now=timezone.now())
        return self._meeting(row)

    @extend_schema(request=Nothing, responses={200: MeetingOutput})
    def end(self, request: Any, appointment_id: UUID) -> Response:
        """Nobody gets a token for this meeting any more."""
        row = self._asked(appointment_id)
        rooms.end(appointment=row, by=self.member.user_id, now=timezone.now())
        return self._meeting(row)

    @extend_schema(request=IssueInput, responses={201: IssueOutput})
    def report(self, request: Any, appointment_id: UUID) -> Response:
        """Say what went wrong."""
        row, asked = self._appointment(appointment_id), self.parsed(IssueInput)
        issue = rooms.report(appointment=row, by=self.member.user_id, now=timezone.now(), **asked)
        return self.answer(issue, IssueOutput, status=201)

    # -- what they share
    def _asked(self, appointment_id: UUID) -> Appointment:
        self.parsed(Nothing)
        return self._appointment(appointment_id)

    def _appointment(self, appointment_id: UUID) -> Appointment:
        rows = Appointment.objects.visible_to(self.member, str(self.need)).for_page()
        if (found := rows.filter(pk=appointment_id).first()) is None:
            raise NotFound
        return found

    def _meeting(self, row: Appointment) -> Response:
        room = VideoRoom.objects.filter(appointment=row).first()
        return Response(MeetingOutput(row, context={"room": room}).data)
