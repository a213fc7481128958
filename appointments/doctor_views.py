"""Who can be booked here, for what, and when are they free? Also for people who have not joined the clinic yet."""

import datetime as dt
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Subquery
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.response import Response

from appointments.filters import AvailabilityQuery, DoctorQuery, FreeQuery, narrow_doctors
from appointments.models import Practitioner
from appointments.plugins.base import Kind
from appointments.plugins.registry import kind_named, kinds
from appointments.serializers import AvailabilityOutput, DoctorOutput, FreeOutput, KindOutput, shown_times
from appointments.services.availability import free_times, free_times_of
from appointments.services.judging import Ask, for_patient
from appointments.slots import Slot
from clinics.settings_of import settings_here
from healthcare.core.errors import NotFound
from healthcare.core.views import ClinicViewSet
from patients.models import Patient

Times = dict[UUID, list[Slot]]
READING = dt.timedelta(seconds=30)  # what starts while the answer is being read could not be booked any more


class DoctorViewSet(ClinicViewSet):
    tags = ("doctors",)
    queryset = Practitioner.objects.none()
    page_ordering = ("name", "id")
    needs = {
        "list": "practitioner.view",
        "availability": "availability.view",
        "free": "availability.view",
        "kinds": "practitioner.view",
    }
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
        doctor = self._cards_for(asked).filter(pk=doctor_id).first()
        if doctor is None:
            raise NotFound
        code = asked.get("kind") or next((code for code in kinds() if code in doctor.kinds), None)
        free = self._free(doctor, code, asked) if code else []
        return Response(shown_times(doctor, code, free))

    @extend_schema(parameters=[FreeQuery], responses={200: AvailabilityOutput(many=True)})
    def free(self, request: Any) -> Response:
        """The free starts of one day (up to 7) of everybody who offers a kind; the same few queries however many they are."""
        asked = self.asked(FreeQuery)
        kind, now = kind_named(asked["kind"]), timezone.now()
        cards = narrow_doctors(self._cards_for(asked), asked)
        day = asked.get("date") or now.astimezone(ZoneInfo(self.clinic.zone)).date()

        def look(found: list[Practitioner]) -> None:
            own = found[0].own_chart if found else None
            times = free_times_of(practitioners=found, kind=kind, day=day, days=asked["days"], now=now, patient_id=own)
            if found:
                times = self._theirs(found[0], kind, times, now, asked)
            self.times = {one.pk: [slot for slot in times[one.pk] if slot.starts_at >= now + READING] for one in found}
            self.code = kind.code

        return self.page(cards, FreeOutput, prepare=look)

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
        theirs = self._theirs(doctor, kind, {doctor.pk: free}, now, asked)[doctor.pk]
        return [slot for slot in theirs if slot.starts_at >= now + READING]

    def _theirs(self, card: Practitioner, kind: Kind, times: Times, now: dt.datetime, asked: dict[str, Any]) -> Times:
        """Nobody is offered what they can't have; for whom one can't book, nothing."""
        own_chart = card.own_chart  # type: ignore[attr-defined]
        if own_chart is None:
            return {one: [] for one in times} if "patient" in asked else times
        if not kind.asks_of_patient:
            return times
        return for_patient(Ask(kind, Patient.objects.get(pk=own_chart), card, now, now), times)

    def _cards_for(self, asked: dict[str, Any]) -> Any:
        """With the chart of who is named, else the caller's, if they book for themself: nobody is offered what collides with
        their appointments."""
        if "patient" in asked:
            charts = Patient.objects.visible_to(self.member, "appointment.book") if self.member else Patient.objects.none()
            own = charts.filter(pk=asked["patient"])
        else:
            books_for_others = self.member is not None and self.member.may("patient.enter")
            own = Patient.objects.none() if books_for_others else Patient.objects.filter(user=self.request.user.pk)
        return Practitioner.objects.seeing_patients().with_place().annotate(own_chart=Subquery(own.values("pk")))
