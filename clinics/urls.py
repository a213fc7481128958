"""Which routes are about clinics as such?"""

from django.urls import path

from clinics.views import ClinicsViewSet

urlpatterns = [
    path("clinics", ClinicsViewSet.as_view({"get": "list", "post": "create"})),
    path("clinics/mine", ClinicsViewSet.as_view({"get": "mine"})),
    path("clinics/<str:clinic_id>", ClinicsViewSet.as_view({"get": "retrieve", "patch": "partial_update"})),
    path("clinics/<str:clinic_id>/locations", ClinicsViewSet.as_view({"get": "locations"})),
]
