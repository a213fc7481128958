"""Which routes are about clinics as such?"""

from django.urls import path

from clinics.location_views import LocationViewSet
from clinics.settings_views import SettingsViewSet
from clinics.views import ClinicsViewSet

ONE = "clinics/<str:clinic_id>"
PLACE = f"{ONE}/locations/<uuid:location_id>"
READ_AND_CHANGE = {"get": "retrieve", "put": "update", "patch": "partial_update"}

urlpatterns = [
    path("clinics", ClinicsViewSet.as_view({"get": "list", "post": "create"})),
    path("clinics/mine", ClinicsViewSet.as_view({"get": "mine"})),
    path(ONE, ClinicsViewSet.as_view({**READ_AND_CHANGE, "delete": "destroy"})),
    path(f"{ONE}/reopen", ClinicsViewSet.as_view({"post": "reopen"})),
    path(f"{ONE}/locations", LocationViewSet.as_view({"get": "list", "post": "create"})),
    path(PLACE, LocationViewSet.as_view({**READ_AND_CHANGE, "delete": "destroy"})),
    path(f"{PLACE}/reopen", LocationViewSet.as_view({"post": "reopen"})),
    path(f"{ONE}/settings", SettingsViewSet.as_view(READ_AND_CHANGE)),
    path(f"{ONE}/settings/history", SettingsViewSet.as_view({"get": "history"})),
]
