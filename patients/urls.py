"""Which routes are about charts?"""

from django.urls import path

from patients.views import PatientViewSet

listing = PatientViewSet.as_view({"get": "list"})

urlpatterns = [
    path("patients", PatientViewSet.as_view({"get": "list", "post": "create"})),
    path("patients/search", PatientViewSet.as_view({"post": "search"})),
    path("patients/<uuid:patient_id>", PatientViewSet.as_view({"get": "retrieve", "patch": "partial_update"})),
    path("users/patients", listing),
    path("clinics/<str:clinic_id>/patients", listing),
]
