"""How are a clinic's settings read, changed and looked back at?"""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.response import Response

from clinics.models import Clinic, SettingsVersion
from clinics.services.changing import change_settings
from clinics.settings_of import document_of, settings_of
from clinics.settings_shapes import SettingsChangeInput, SettingsOutput, SettingsReplaceInput, SettingsVersionOutput
from healthcare.core.errors import StaleWrite
from healthcare.core.tenancy import ClinicNotFound
from healthcare.core.views import PlatformViewSet, etag


class SettingsViewSet(PlatformViewSet):
    tags = ("clinics",)
    queryset = SettingsVersion.objects.none()
    page_ordering = ("-number",)
    needs = {
        "retrieve": "clinic.settings",
        "update": "clinic.manage",
        "partial_update": "clinic.manage",
        "history": "clinic.manage",
    }

    def enter(self, request: Any) -> None:
        super().enter(request)
        if self.clinic is None:
            raise ClinicNotFound

    @extend_schema(responses={200: SettingsOutput})
    def retrieve(self, request: Any, clinic_id: str) -> Response:
        return _answer(self._row())

    @extend_schema(request=SettingsReplaceInput, responses={200: SettingsOutput})
    def update(self, request: Any, clinic_id: str) -> Response:
        return self._change(SettingsReplaceInput)

    @extend_schema(request=SettingsChangeInput, responses={200: SettingsOutput})
    def partial_update(self, request: Any, clinic_id: str) -> Response:
        return self._change(SettingsChangeInput)

    @extend_schema(responses={200: SettingsVersionOutput(many=True)})
    def history(self, request: Any, clinic_id: str) -> Response:
        """Every state of the settings, the newest first. Empty as long as nobody changed them."""
        return self.page(SettingsVersion.objects.filter(clinic=self.clinic), SettingsVersionOutput)

    def _change(self, shape: Any) -> Response:
        clinic, changes = self._row(), self.parsed(shape)
        settings = settings_of(clinic)
        self.fresh(settings)
        if changes.pop("version", settings.version) != settings.version:
            raise StaleWrite
        return _answer(change_settings(clinic=clinic, by=self.request.user.pk, now=timezone.now(), **changes))

    def _row(self) -> Clinic:
        """As it is now: what the frame found may be shared."""
        return Clinic.objects.get(pk=self.clinic.pk)


def _answer(clinic: Clinic) -> Response:
    settings = settings_of(clinic)
    shown = SettingsOutput({**document_of(clinic), "version": settings.version}).data
    return Response(shown, headers={"ETag": etag(settings)})
