"""How is a time held while somebody decides? `confirm` and `cancel` of the appointment take it and give it back."""

import datetime as dt
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.response import Response

from appointments.answering import AppointmentViews
from appointments.filters import AppointmentQuery
from appointments.serializers import AppointmentOutput, HoldInput
from appointments.services import holds


class HoldViewSet(AppointmentViews):
    tags = ("appointments",)
    page_ordering = ("-starts_at", "-id")
    needs = {"list": "appointment.view", "create": "appointment.book"}

    @extend_schema(parameters=[AppointmentQuery], responses={200: AppointmentOutput(many=True)})
    def list(self, request: Any) -> Response:
        """What is held just now, of what the caller may see."""
        return self._listed(self._visible().filter(pk__in=holds.held(now=timezone.now()).values("pk")))

    @extend_schema(request=HoldInput, responses={201: AppointmentOutput})
    def create(self, request: Any) -> Response:
        """Hold a time for some minutes; refused as booking is. Who holds for themself has at most three."""
        asked = self.parsed(HoldInput)
        patient, doctor = self._patient(asked.pop("patient", None)), self._doctor(asked.pop("doctor"))
        lasting, own = dt.timedelta(minutes=asked.pop("minutes")), not self.member.may("patient.enter")
        who = {"patient": patient, "practitioner": doctor, "by": self.member.user_id}
        return self._answer(holds.hold(now=timezone.now(), lasting=lasting, limited=own, **who, **asked), status=201)
