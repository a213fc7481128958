"""How do people wait for a time over REST? Each action parses, calls one verb, answers."""

from typing import Any
from uuid import UUID

from django.db.models import OuterRef, Subquery
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.response import Response

from appointments.models import Practitioner
from appointments.waitlist.models import Offer, Wish
from appointments.waitlist.serializers import WishInput, WishOutput, WishQuery
from appointments.waitlist.services import answering, joining
from clinics.models import Location
from healthcare.core.errors import Forbidden, NotFound
from healthcare.core.fields import warm
from healthcare.core.shapes import Nothing
from healthcare.core.views import ClinicViewSet
from patients.models import Patient

ONE = {200: WishOutput}


class WaitlistViewSet(ClinicViewSet):
    tags = ("waitlist",)
    queryset = Wish.objects.none()
    needs = {
        "list": "waitlist.view",
        "retrieve": "waitlist.view",
        "create": "waitlist.join",
        "destroy": "waitlist.join",
        "accept": "waitlist.join",
        "decline": "waitlist.join",
    }

    @extend_schema(parameters=[WishQuery], responses={200: WishOutput(many=True)})
    def list(self, request: Any) -> Response:
        """Who waits; patients see their own."""
        asked = {name: value for name, value in self.asked(WishQuery).items() if value}
        return self.page(self._visible().filter(**asked), WishOutput, prepare=self._prepare)

    @extend_schema(request=WishInput, responses={201: WishOutput})
    def create(self, request: Any) -> Response:
        """Join: a freed time that suits is held for the best placed and offered for minutes."""
        asked = self.parsed(WishInput)
        if asked["urgency"] != "normal" and not self.member.may("appointment.set_priority"):
            raise Forbidden("The clinic decides how pressing an appointment is.")
        known = {
            "patient": self._patient(asked.pop("patient", None)),
            "practitioner": self._doctor(asked.pop("doctor", None)),
            "location_id": self._location(asked.pop("location", None)),
        }
        row = joining.join(by=self.member.user_id, now=timezone.now(), **known, **asked)
        return self._answer(row.id, 201)

    @extend_schema(responses=ONE)
    def retrieve(self, request: Any, wish_id: UUID) -> Response:
        return self._answer(self._one(wish_id).id)

    @extend_schema(request=None, responses={204: None})
    def destroy(self, request: Any, wish_id: UUID) -> Response:
        """Leave; what is offered goes to the next."""
        row = self._one(wish_id)
        self.fresh(row)
        joining.leave(wish=row, by=self.member.user_id, now=timezone.now())
        return Response(status=204)

    @extend_schema(request=Nothing, responses=ONE)
    def accept(self, request: Any, wish_id: UUID) -> Response:
        """Take what is offered: it is booked (`no_offer` when it has run out)."""
        self.parsed(Nothing)
        row = self._one(wish_id)
        answering.accept(wish=row, by=self.member.user_id, now=timezone.now())
        return self._answer(row.id)

    @extend_schema(request=Nothing, responses=ONE)
    def decline(self, request: Any, wish_id: UUID) -> Response:
        """Leave it to the next, and keep waiting."""
        self.parsed(Nothing)
        row = self._one(wish_id)
        answering.decline(wish=row, by=self.member.user_id, now=timezone.now())
        return self._answer(row.id)

    # -- what they share
    def get_serializer_context(self) -> dict[str, Any]:
        return {**super().get_serializer_context(), "member": self.member, "offers": getattr(self, "offers", {})}

    def _visible(self) -> Any:
        return Wish.objects.visible_to(self.member, str(self.need)).select_related("patient", "practitioner")

    def _one(self, wish_id: UUID) -> Wish:
        if (found := self._visible().filter(pk=wish_id).first()) is None:
            raise NotFound
        return found  # type: ignore[no-any-return]

    def _answer(self, wish_id: UUID, status: int = 200) -> Response:
        row = Wish.objects.select_related("patient", "practitioner").get(pk=wish_id)
        self._prepare([row])
        return self.answer(row, WishOutput, status=status)

    def _prepare(self, rows: Any) -> None:
        """Keys of the charts, and what is offered to whom, at once."""
        warm([row.patient for row in rows])
        zone = Location.objects.filter(pk=OuterRef("appointment__location_id")).values("zone")
        open_ones = Offer.objects.filter(wish__in=rows, state=Offer.State.OPEN).annotate(place_zone=Subquery(zone))
        self.offers = {}
        for offer in open_ones.select_related("appointment__practitioner"):
            offer.appointment.__dict__["place_zone"] = offer.__dict__["place_zone"]
            self.offers[offer.wish_id] = offer

    def _patient(self, patient_id: UUID | None) -> Patient:
        charts = Patient.objects.visible_to(self.member, "waitlist.join")
        own = charts.filter(user=self.member.user_id)
        found = own.first() if patient_id is None else charts.filter(pk=patient_id).first()
        if found is None:
            raise NotFound
        return found

    def _doctor(self, doctor_id: UUID | None) -> Practitioner | None:
        if doctor_id is None:
            return None
        cards = Practitioner.objects.visible_to(self.member, "practitioner.view")
        if (found := cards.filter(pk=doctor_id).first()) is None:
            raise NotFound
        return found

    def _location(self, location_id: UUID | None) -> UUID | None:
        if location_id is None or Location.objects.filter(pk=location_id, clinic=self.clinic.id).exists():
            return location_id
        raise NotFound
