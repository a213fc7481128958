"""How is the directory read, a clinic ordered, changed, joined?"""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.response import Response

from clinics.models import Clinic, Location
from clinics.serializers import ClinicChangeInput, ClinicInput, ClinicOutput, LocationOutput
from clinics.services import opening
from clinics.services.changing import change_clinic
from healthcare.core.tenancy import ClinicNotFound
from healthcare.core.views import OPEN, SIGNED_IN, PlatformViewSet


class ClinicsViewSet(PlatformViewSet):
    tags = ("clinics",)
    queryset = Clinic.objects.none()
    page_ordering = ("name", "id")
    needs = {
        "list": OPEN,
        "retrieve": OPEN,
        "locations": OPEN,
        "mine": SIGNED_IN,
        "create": "clinic.open",
        "partial_update": "clinic.manage",
    }

    @extend_schema(responses={200: ClinicOutput(many=True)})
    def list(self, request: Any) -> Response:
        return self.page(Clinic.objects.listed(), ClinicOutput)

    @extend_schema(responses={200: ClinicOutput(many=True)})
    def mine(self, request: Any) -> Response:
        return self.page(Clinic.objects.listed().filter(pk__in=request.auth.clinic_ids), ClinicOutput)

    @extend_schema(responses={200: ClinicOutput})
    def retrieve(self, request: Any, clinic_id: str) -> Response:
        return self.answer(self._one(clinic_id), ClinicOutput)

    @extend_schema(responses={200: LocationOutput(many=True)})
    def locations(self, request: Any, clinic_id: str) -> Response:
        return self.page(Location.objects.filter(clinic=self._one(clinic_id), is_active=True), LocationOutput)

    @extend_schema(request=ClinicInput, responses={201: ClinicOutput})
    def create(self, request: Any) -> Response:
        clinic = opening.order_clinic(by=request.user.pk, **self.parsed(ClinicInput))
        return self.answer(clinic, ClinicOutput, status=201)

    @extend_schema(request=ClinicChangeInput, responses={200: ClinicOutput})
    def partial_update(self, request: Any, clinic_id: str) -> Response:
        clinic = self._one(clinic_id)
        changes = self.parsed(ClinicChangeInput)
        self.fresh(clinic)
        return self.answer(change_clinic(clinic=clinic, **changes), ClinicOutput)

    def named_clinic(self, request: Any) -> Any:
        """A clinic that is still opening may be looked at, though nobody can work in it yet."""
        try:
            return super().named_clinic(request)
        except ClinicNotFound:
            if self.action == "retrieve":
                return None
            raise

    def _one(self, clinic_id: str) -> Clinic:
        found = Clinic.objects.exclude(state=Clinic.State.CLOSED).named(clinic_id).first()
        if found is None:
            raise ClinicNotFound
        return found
