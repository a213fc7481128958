"""Which routes are about charts?"""

from django.urls import path

from patients.section_views import routes
from patients.views import PatientViewSet
from patients.views.agreeing import AmendmentViewSet, ConsentViewSet, GuardianViewSet

listing = PatientViewSet.as_view({"get": "list"})

urlpatterns = [
    path("patients", PatientViewSet.as_view({"get": "list", "post": "create"})),
    path("patients/search", PatientViewSet.as_view({"post": "search"})),
    path("patients/<uuid:patient_id>", PatientViewSet.as_view({"get": "retrieve", "patch": "partial_update"})),
    path("patients/<uuid:patient_id>/consents", ConsentViewSet.as_view({"get": "list", "post": "create"})),
    path("patients/<uuid:patient_id>/consents/standing", ConsentViewSet.as_view({"get": "standing"})),
    path("patients/<uuid:patient_id>/guardians", GuardianViewSet.as_view({"get": "list", "post": "create"})),
    path("patients/<uuid:patient_id>/guardians/<uuid:row_id>", GuardianViewSet.as_view({"delete": "destroy"})),
    path("patients/<uuid:patient_id>/amendments", AmendmentViewSet.as_view({"get": "list", "post": "create"})),
    path("patients/<uuid:patient_id>/amendments/<uuid:row_id>/decide", AmendmentViewSet.as_view({"post": "decide"})),
    path("patients/<uuid:patient_id>/history", AmendmentViewSet.as_view({"get": "history"})),
    *routes(),
    path("users/patients", listing),
    path("clinics/<str:clinic_id>/patients", listing),
]
