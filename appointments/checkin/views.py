"""How do patients say that they are here? Each action parses, calls one verb, answers."""

from typing import Any
from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.response import Response

from accounts.models import Display
from accounts.services import displays
from appointments import details
from appointments.checkin.models import Arrival, Kiosk
from appointments.checkin.serializers import (
    AllowInput,
    AllowOutput,
    KioskInput,
    KioskOutput,
    PassInput,
    PassOutput,
    PlaceInput,
)
from appointments.checkin.services import kiosks, passes, places
from appointments.models import Appointment
from appointments.serializers import AppointmentOutput
from healthcare.core.errors import NotFound
from healthcare.core.shapes import Nothing
from healthcare.core.tenancy import find_clinic, in_clinic, on_platform
from healthcare.core.views import OPEN, ClinicViewSet, PlatformViewSet

ONE = {200: AppointmentOutput}


class ArrivalViewSet(ClinicViewSet):
    tags = ("check-in",)
    queryset = Appointment.objects.none()
    needs = {"issue": "appointment.arrive", "here": "appointment.arrive", "show": "appointment.run"}

    @extend_schema(request=Nothing, responses={201: PassOutput})
    def issue(self, request: Any, appointment_id: UUID) -> Response:
        """A QR code (and a code to type) for the kiosk or the desk: fifteen minutes, once, the former is void."""
        self.parsed(Nothing)
        made = passes.issue(appointment=self._appointment(appointment_id), now=timezone.now())
        return Response(PassOutput(made._asdict()).data, status=201)

    @extend_schema(request=PlaceInput, responses=ONE)
    def here(self, request: Any, appointment_id: UUID) -> Response:
        """Check in by the phone's place: `not_here`, or `too_inaccurate` where it might be either. Coordinates are not kept."""
        row, asked = self._appointment(appointment_id), self.parsed(PlaceInput)
        known = {"by": self.member.user_id, "now": timezone.now()}
        return self._arrived(places.here(appointment=row, position=places.Position(**asked), **known))

    @extend_schema(request=PassInput, responses=ONE)
    def show(self, request: Any) -> Response:
        """The desk scans a patient's pass."""
        token, way = self.parsed(PassInput)["token"], Arrival.Way.PASS_AT_DESK
        return self._arrived(passes.show(token=token, way=way, by=self.member.user_id, now=timezone.now()))

    def _appointment(self, appointment_id: UUID) -> Appointment:
        rows = Appointment.objects.visible_to(self.member, str(self.need)).for_page()
        if (found := rows.filter(pk=appointment_id).first()) is None:
            raise NotFound
        return found

    def _arrived(self, row: Appointment) -> Response:
        self.added = details.load([row])
        return self.answer(row, AppointmentOutput)

    def get_serializer_context(self) -> dict[str, Any]:
        return {**super().get_serializer_context(), "member": self.member, "added": getattr(self, "added", {})}


class KioskViewSet(ClinicViewSet):
    """The kiosk's own call names no clinic and carries `Authorization: Display <secret>`; the other is the staff's."""

    tags = ("check-in",)
    queryset = Kiosk.objects.none()
    needs = {"check_in": OPEN, "allow": "display.pair"}

    def enter(self, request: Any) -> None:
        (PlatformViewSet if self.need == OPEN else ClinicViewSet).enter(self, request)

    @extend_schema(request=KioskInput, responses={200: KioskOutput})
    def check_in(self, request: Any, display_id: UUID) -> Response:
        """A patient at the kiosk: by pass, code, or chart number and year of birth. Answers a number and a desk, no name."""
        display = self._proven(display_id)
        clinic = find_clinic(display.clinic_id) if display.clinic_id else None
        if clinic is None:
            raise displays.NotADisplay
        with in_clinic(clinic):
            kiosks.count_a_try(display.pk)
            row = self._arrived(self.parsed(KioskInput), display.pk)
            return Response(KioskOutput(row, context={"added": details.load([row])}).data)

    @extend_schema(request=AllowInput, responses={200: AllowOutput})
    def allow(self, request: Any, display_id: UUID) -> Response:
        """Let patients check in at a paired screen, or not any more."""
        asked = self.parsed(AllowInput)
        with on_platform():
            rows = Display.objects.filter(clinic=self.clinic.id, approved_at__isnull=False, revoked_at=None)
            if (display := rows.filter(pk=display_id).first()) is None:
                raise NotFound
        kiosks.allow(display=display, is_allowed=asked["allowed"], by=self.member.user_id, now=timezone.now())
        return Response({"display": str(display_id), "allowed": asked["allowed"]})

    def _arrived(self, asked: dict[str, Any], display_id: UUID) -> Appointment:
        known = {"display_id": display_id, "now": timezone.now()}
        if "token" in asked:
            return passes.show(way=Arrival.Way.PASS_AT_KIOSK, **asked, **known)
        return passes.type_in(**asked, **known) if "code" in asked else kiosks.by_number(**asked, **known)

    def _proven(self, display_id: UUID) -> Display:
        kind, _, secret = self.request.headers.get("Authorization", "").partition(" ")
        if kind.lower() != "display":
            raise displays.NotADisplay
        return displays.proven(display_id=display_id, secret=secret.strip(), now=timezone.now())
