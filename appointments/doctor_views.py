"""Who can be booked here, for what, and when are they free? Also for people who have not joined the clinic yet."""

import datetime as dt
from typing import Any
from uuid import UUID

from django.db.models import Subquery
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.response import Response

from appointments.filters import AvailabilityQuery, DoctorQuery, narrow_doctors
from appointments.models import Practitioner
from appointments.plugins.registry import kind_named, kinds
from appointments.serializers import AvailabilityOutput, DoctorOutput, KindOutput
from appointments.services.availability import free_times
from clinics.settings_of import settings_here
from healthcare.core.errors import NotFound
from healthcare.core.views import ClinicViewSet
from patients.models import Patient

READING = dt.timedelta(seconds=30)  # what starts while the answer is being read could not be booked any more


class DoctorViewSet(ClinicViewSet):
    tags = ("doctors",)
    queryset = Practitioner.objects.none()
    page_ordering = ("name", "id")
    needs = {"list": "practitioner.view", "availability": "availability.view", "kinds": "practitioner.view"}
    open_to_joiners = frozenset(needs)

    @extend_schema(parameters=[DoctorQuery], responses={200: DoctorOutput(many=True)})
    def list(self, request: Any, **kwargs: Any) -> Response:
        """The professional cards of those who see patients."""
        cards = Practitioner.objects.seeing_patients().with_place()
        return self.page(narrow_doctors(cards, self.asked(DoctorQuery)), DoctorOutput)

    @extend_schema(parameters=[AvailabilityQuery], responses={200: AvailabilityOutput})
    def availability(self, request: Any, doctor_id: UUID) -> Response:
        """The free starts of up to 31 days; what is listed can be booked."""
        asked = self.asked(AvailabilityQuery)
        doctor = self._cards_with_own_chart().filter(pk=doctor_id).first()
        if doctor is None:
            raise NotFound
        code = asked.get("kind") or next((code for code in kinds() if code in doctor.kinds), None)
        free = self._free(doctor, code, asked) if code else []
        zone = doctor.place.clock
        times = [{"starts_at": _local(one.starts_at, zone), "ends_at": _local(one.ends_at, zone)} for one in free]
        return Response({"doctor": str(doctor.id), "kind": code, "zone": doctor.place.zone, "slots": times})

    @extend_schema(responses={200: KindOutput(many=True)})
    def kinds(self, request: Any) -> Response:
        """The kinds of appointment that can be booked: few, so one page holds them all."""
        self.paginator.get_page_size(request)  # the same refusals as on other lists
        offered = [kind for kind in kinds().values() if settings_here().offers(kind.code)]
        found = KindOutput(offered, many=True, context=self.get_serializer_context()).data
        return Response({"next": None, "previous": None, "results": found})

    def get_serializer_context(self) -> dict[str, Any]:
        return {**super().get_serializer_context(), "now": timezone.now()}

    def _free(self, doctor: Practitioner, code: str, asked: dict[str, Any]) -> Any:
        kind, now = kind_named(code), timezone.now()
        if asked.get("location") not in (None, doctor.location_id):
            return []
        day = asked.get("date") or now.astimezone(doctor.place.clock).date()
        free = free_times(practitioner=doctor, kind=kind, day=day, days=asked["days"], now=now, patient_id=doctor.own_chart)
        return [slot for slot in free if slot.starts_at >= now + READING]

    def _cards_with_own_chart(self) -> Any:
        """With the caller's chart, if they book for themself: nobody is offered what collides with their own appointments."""
        books_for_others = self.member is not None and self.member.may("patient.enter")
        own = Patient.objects.none() if books_for_others else Patient.objects.filter(user=self.request.user.pk)
        return Practitioner.objects.seeing_patients().with_place().annotate(own_chart=Subquery(own.values("pk")))


def _local(instant: dt.datetime, zone: dt.tzinfo) -> str:
    return instant.astimezone(zone).isoformat()
