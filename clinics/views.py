"""How is the directory read, a clinic ordered, changed, closed and opened again?"""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.response import Response

from clinics.directory import narrowed
from clinics.models import Clinic
from clinics.serializers import ClinicChangeInput, ClinicInput, ClinicOutput, ClinicReplaceInput, DirectoryQuery
from clinics.services import closing, opening
from clinics.services.changing import change_clinic
from healthcare.core.cache import CLINIC, PLATFORM
from healthcare.core.errors import Forbidden
from healthcare.core.shapes import Nothing
from healthcare.core.tenancy import ClinicNotFound
from healthcare.core.views import OPEN, SIGNED_IN, PlatformViewSet


class ClinicsViewSet(PlatformViewSet):
    tags = ("clinics",)
    queryset = Clinic.objects.none()
    page_ordering = ("name", "id")
    needs = {
        "list": OPEN,
        "retrieve": OPEN,
        "mine": SIGNED_IN,
        "create": "clinic.open",
        "update": "clinic.manage",
        "partial_update": "clinic.manage",
        "destroy": "clinic.close",
        "reopen": "clinic.close",
    }

    @extend_schema(parameters=[DirectoryQuery], responses={200: ClinicOutput(many=True)})
    def list(self, request: Any) -> Response:
        """The public directory. Clinics that are not open are listed for the platform's staff alone."""
        asked = self.asked(DirectoryQuery)
        if asked["state"] != Clinic.State.OPEN and not self._sees_all():
            raise Forbidden
        rows = narrowed(Clinic.objects.filter(state=asked["state"]).order_by("name", "id"), asked)
        if asked["state"] != Clinic.State.OPEN:
            return self.page(rows, ClinicOutput)
        # the same for everybody; the address is part of the answer, which links to the next page
        address = request.build_absolute_uri()
        return Response(CLINIC.read(f"directory:{address}", lambda: self.page(rows, ClinicOutput).data, of=PLATFORM))

    @extend_schema(responses={200: ClinicOutput(many=True)})
    def mine(self, request: Any) -> Response:
        return self.page(Clinic.objects.listed().filter(pk__in=request.auth.clinic_ids), ClinicOutput)

    @extend_schema(responses={200: ClinicOutput})
    def retrieve(self, request: Any, clinic_id: str) -> Response:
        return self.answer(self._one(clinic_id), ClinicOutput)

    @extend_schema(request=ClinicInput, responses={201: ClinicOutput})
    def create(self, request: Any) -> Response:
        clinic = opening.order_clinic(by=request.user.pk, **self.parsed(ClinicInput))
        return self.answer(clinic, ClinicOutput, status=201)

    @extend_schema(request=ClinicReplaceInput, responses={200: ClinicOutput})
    def update(self, request: Any, clinic_id: str) -> Response:
        return self._change(clinic_id, ClinicReplaceInput)

    @extend_schema(request=ClinicChangeInput, responses={200: ClinicOutput})
    def partial_update(self, request: Any, clinic_id: str) -> Response:
        return self._change(clinic_id, ClinicChangeInput)

    @extend_schema(responses={204: OpenApiResponse(description="Closed: nobody is served there, everything is kept.")})
    def destroy(self, request: Any, clinic_id: str) -> Response:
        """Close the clinic. Refused while somebody is expected; ending it for good is a command of the operator."""
        clinic = self._one(clinic_id)
        self.fresh(clinic)
        closing.deactivate_clinic(clinic=clinic, by=request.user.pk, now=timezone.now())
        return Response(status=204)

    @extend_schema(request=Nothing, responses={200: ClinicOutput})
    def reopen(self, request: Any, clinic_id: str) -> Response:
        """Serve again, with everything as it was."""
        self.parsed(Nothing)
        return self.answer(closing.reopen_clinic(clinic=self._one(clinic_id), by=request.user.pk), ClinicOutput)

    def named_clinic(self, request: Any) -> Any:
        """A clinic that is still opening may be looked at, though nobody can work in it; who sees all finds closed ones too."""
        try:
            return super().named_clinic(request)
        except ClinicNotFound:
            only_path = not (self._in_header(request) or self._in_host(request))
            if only_path and (self.action == "retrieve" or (self.action in ("destroy", "reopen") and self._sees_all())):
                return None
            raise

    def _change(self, clinic_id: str, shape: Any) -> Response:
        clinic = self._one(clinic_id)
        changes = self.parsed(shape)
        self.fresh(clinic)
        changed = change_clinic(clinic=clinic, by=self.request.user.pk, now=timezone.now(), **changes)
        return self.answer(changed, ClinicOutput)

    def _one(self, clinic_id: str) -> Clinic:
        rows = Clinic.objects.all() if self._sees_all() else Clinic.objects.exclude(state=Clinic.State.CLOSED)
        found = rows.named(clinic_id).first()
        if found is None:
            raise ClinicNotFound
        return found

    def _sees_all(self) -> bool:
        auth: Any = self.request.auth
        return auth is not None and auth.anywhere.may("clinic.list")
