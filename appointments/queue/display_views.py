"""How do waiting-room screens and the staff who hang them up talk to the product?"""

from typing import Any
from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.response import Response

from accounts.models import Display
from accounts.services import displays, tickets
from appointments.models import Practitioner
from appointments.queue.display_shapes import (
    AnnouncedOutput,
    ApproveInput,
    DisplayOutput,
    DisplayRowOutput,
    ScreenTicketOutput,
)
from appointments.queue.models import Queue
from healthcare.core.errors import NotFound
from healthcare.core.shapes import Nothing
from healthcare.core.tenancy import find_clinic, in_clinic, on_platform
from healthcare.core.views import OPEN, ClinicViewSet, PlatformViewSet


class UnknownPractitioner(NotFound):
    code = "unknown_practitioner"
    detail = "One of the practitioners is not of this clinic."


class DisplayViewSet(ClinicViewSet):
    """The screen's own calls name no clinic and carry `Authorization: Display <secret>`; the others are the staff's."""

    tags = ("displays",)
    queryset = Display.objects.none()
    needs = {
        "create": OPEN,
        "retrieve": OPEN,
        "tickets": OPEN,
        "list": "display.pair",
        "approve": "display.pair",
        "destroy": "display.pair",
    }

    def enter(self, request: Any) -> None:
        (PlatformViewSet if self.need == OPEN else ClinicViewSet).enter(self, request)

    # -- the screen

    @extend_schema(request=Nothing, responses={201: AnnouncedOutput})
    def create(self, request: Any) -> Response:
        """A screen that was switched on asks for a code to show and a secret to keep."""
        self.parsed(Nothing)
        made = displays.announce(now=timezone.now())
        row = made.display
        told = {"id": row.id, "code": row.code, "secret": made.secret, "expires_at": row.expires_at}
        return Response(AnnouncedOutput(told).data, status=201)

    @extend_schema(responses={200: DisplayOutput})
    def retrieve(self, request: Any, display_id: UUID) -> Response:
        """What the screen may show: `pending` until staff approve it, then `paired` with its queues of today."""
        display = self._proven(display_id)
        if display.clinic_id is None:
            return Response(DisplayOutput(display, context={"clinic": None, "queues": []}).data)
        clinic = find_clinic(display.clinic_id)
        if clinic is None:
            raise displays.NotADisplay
        with in_clinic(clinic):
            queues = Queue.objects.of_display(display.practitioners).today(timezone.now())
            return Response(DisplayOutput(display, context={"clinic": clinic, "queues": queues}).data)

    @extend_schema(request=Nothing, responses={201: ScreenTicketOutput})
    def tickets(self, request: Any, display_id: UUID) -> Response:
        """A one-time ticket for one socket."""
        self.parsed(Nothing)
        made = tickets.issue_to_display(display=self._proven(display_id), now=timezone.now())
        return Response(ScreenTicketOutput({"ticket": made.text, "expires_in": made.expires_in}).data, status=201)

    # -- staff

    @extend_schema(responses={200: DisplayRowOutput(many=True)})
    def list(self, request: Any) -> Response:
        with on_platform():
            return self.page(self._of_clinic(), DisplayRowOutput)

    @extend_schema(request=ApproveInput, responses={200: DisplayRowOutput})
    def approve(self, request: Any) -> Response:
        """The screen that shows this code becomes the clinic's; `unknown_code` (404) when none does."""
        asked = self.parsed(ApproveInput)
        wanted = set(asked["practitioners"])
        if Practitioner.objects.filter(pk__in=wanted).count() != len(wanted):
            raise UnknownPractitioner
        by, session_id = self.member.user_id, request.auth.session_id
        row = displays.approve(clinic=self.clinic, by=by, session_id=session_id, now=timezone.now(), **asked)
        return self.answer(row, DisplayRowOutput)

    @extend_schema(request=None, responses={204: None})
    def destroy(self, request: Any, display_id: UUID) -> Response:
        """Revoke: the screen goes dark within two seconds."""
        with on_platform():
            if (row := self._of_clinic().filter(pk=display_id).first()) is None:
                raise NotFound
        self.fresh(row)
        displays.revoke(display=row, by=self.member.user_id, now=timezone.now())
        return Response(status=204)

    def _of_clinic(self) -> Any:
        return Display.objects.filter(clinic=self.clinic.id, approved_at__isnull=False, revoked_at=None)

    def _proven(self, display_id: UUID) -> Display:
        kind, _, secret = self.request.headers.get("Authorization", "").partition(" ")
        if kind.lower() != "display":
            raise displays.NotADisplay
        return displays.proven(display_id=display_id, secret=secret.strip(), now=timezone.now())
