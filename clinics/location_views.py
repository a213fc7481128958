"""Where does a clinic see people? The directory shows its places; its managers add, change and close them."""

from typing import Any
from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.response import Response

from clinics.models import Location
from clinics.serializers import LocationChangeInput, LocationInput, LocationOutput, LocationReplaceInput
from clinics.services import places
from healthcare.core.errors import NotFound
from healthcare.core.shapes import Nothing
from healthcare.core.tenancy import ClinicNotFound
from healthcare.core.views import OPEN, PlatformViewSet


class LocationViewSet(PlatformViewSet):
    tags = ("clinics",)
    queryset = Location.objects.none()
    page_ordering = ("name", "id")
    needs = {
        "list": OPEN,
        "retrieve": OPEN,
        **dict.fromkeys(("create", "update", "partial_update", "destroy", "reopen"), "clinic.manage"),
    }

    def enter(self, request: Any) -> None:
        super().enter(request)
        if self.clinic is None:
            raise ClinicNotFound

    @extend_schema(responses={200: LocationOutput(many=True)})
    def list(self, request: Any, clinic_id: str) -> Response:
        """The places where people are seen; for who manages the clinic also those that are closed."""
        return self.page(self._visible(), LocationOutput)

    @extend_schema(responses={200: LocationOutput})
    def retrieve(self, request: Any, clinic_id: str, location_id: UUID) -> Response:
        return self.answer(self._one(location_id), LocationOutput)

    @extend_schema(request=LocationInput, responses={201: LocationOutput})
    def create(self, request: Any, clinic_id: str) -> Response:
        made = places.add_location(clinic=self.clinic, by=request.user.pk, **self.parsed(LocationInput))
        return self.answer(made, LocationOutput, status=201)

    @extend_schema(request=LocationReplaceInput, responses={200: LocationOutput})
    def update(self, request: Any, clinic_id: str, location_id: UUID) -> Response:
        return self._change(location_id, LocationReplaceInput)

    @extend_schema(request=LocationChangeInput, responses={200: LocationOutput})
    def partial_update(self, request: Any, clinic_id: str, location_id: UUID) -> Response:
        return self._change(location_id, LocationChangeInput)

    @extend_schema(responses={204: OpenApiResponse(description="Closed; what happened there is kept.")})
    def destroy(self, request: Any, clinic_id: str, location_id: UUID) -> Response:
        """Close the place. Refused for the clinic's last one and while somebody works or is expected there."""
        location = self._one(location_id)
        self.fresh(location)
        places.close_location(location=location, by=request.user.pk, now=timezone.now())
        return Response(status=204)

    @extend_schema(request=Nothing, responses={200: LocationOutput})
    def reopen(self, request: Any, clinic_id: str, location_id: UUID) -> Response:
        self.parsed(Nothing)
        return self.answer(places.reopen_location(location=self._one(location_id), by=request.user.pk), LocationOutput)

    def _change(self, location_id: UUID, shape: Any) -> Response:
        location = self._one(location_id)
        changes = self.parsed(shape)
        self.fresh(location)
        return self.answer(places.change_location(location=location, by=self.request.user.pk, **changes), LocationOutput)

    def _visible(self) -> Any:
        rows = Location.objects.filter(clinic=self.clinic)
        return rows if self.member is not None and self.member.may("clinic.manage") else rows.filter(is_active=True)

    def _one(self, location_id: UUID) -> Location:
        found = self._visible().filter(pk=location_id).first()
        if found is None:
            raise NotFound
        return found  # type: ignore[no-any-return]
