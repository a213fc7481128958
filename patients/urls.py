"""Which routes are about charts?"""

from django.urls import path

from patients.section_views import routes
from patients.views import PatientViewSet
from patients.views.agreeing import AmendmentViewSet, ConsentViewSet, GuardianViewSet
from patients.views.documents import DocumentViewSet
from patients.views.exporting import ExportViewSet
from patients.views.importing import ImportViewSet
from patients.views.joining import ErasureViewSet, HoldViewSet, MergeViewSet

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
    path("patients/<uuid:patient_id>/documents", DocumentViewSet.as_view({"get": "list", "post": "create"})),
    path(
        "patients/<uuid:patient_id>/documents/<uuid:row_id>", DocumentViewSet.as_view({"get": "retrieve", "delete": "destroy"})
    ),
    path("patients/<uuid:patient_id>/documents/<uuid:row_id>/content", DocumentViewSet.as_view({"get": "content"})),
    path("patients/<uuid:patient_id>/merges", MergeViewSet.as_view({"get": "list", "post": "create"})),
    path("patients/<uuid:patient_id>/merges/<uuid:row_id>/undo", MergeViewSet.as_view({"post": "undo"})),
    path("patients/<uuid:patient_id>/link", MergeViewSet.as_view({"post": "link"})),
    path(
        "patients/<uuid:patient_id>/erasure",
        ErasureViewSet.as_view({"get": "list", "post": "create", "delete": "destroy"}),
    ),
    path("patients/<uuid:patient_id>/erasure/confirm", ErasureViewSet.as_view({"post": "confirm"})),
    path("patients/<uuid:patient_id>/export", ExportViewSet.as_view({"get": "data"})),
    path("patients/<uuid:patient_id>/export.pdf", ExportViewSet.as_view({"get": "paper"})),
    path("patients/imports", ImportViewSet.as_view({"get": "list", "post": "create"})),
    path("patients/imports/<uuid:run_id>", ImportViewSet.as_view({"get": "retrieve"})),
    path("patients/imports/<uuid:run_id>/rows", ImportViewSet.as_view({"get": "rows"})),
    path("patients/<uuid:patient_id>/holds", HoldViewSet.as_view({"get": "list", "post": "create"})),
    path("patients/<uuid:patient_id>/holds/<uuid:row_id>", HoldViewSet.as_view({"delete": "destroy"})),
    *routes(),
    path("users/patients", listing),
    path("clinics/<str:clinic_id>/patients", listing),
]
