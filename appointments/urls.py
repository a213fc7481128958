"""Which routes are about appointments and those who can be booked?"""

from django.urls import path

from appointments.dashboard_views import DashboardViewSet
from appointments.doctor_views import DoctorViewSet
from appointments.hold_views import HoldViewSet
from appointments.resource_views import ResourceViewSet
from appointments.views import AppointmentViewSet

doctors = DoctorViewSet.as_view({"get": "list"})
ONE = "appointments/<uuid:appointment_id>"
STEPS = ("cancel", "confirm", "check_in", "start", "hold", "resume", "complete", "no_show", "reschedule")

urlpatterns = [
    path("appointments", AppointmentViewSet.as_view({"get": "list", "post": "create"})),
    path("appointments/mine", AppointmentViewSet.as_view({"get": "mine"})),
    path("appointments/holds", HoldViewSet.as_view({"get": "list", "post": "create"})),
    path("appointments/resources", ResourceViewSet.as_view({"get": "list", "post": "create"})),
    path("appointments/resources/<uuid:resource_id>", ResourceViewSet.as_view({"get": "retrieve", "patch": "partial_update"})),
    path("appointments/kinds", DoctorViewSet.as_view({"get": "kinds"})),
    path("appointments/availability", DoctorViewSet.as_view({"get": "free"})),
    path("appointments/doctor/<uuid:doctor_id>/availability", DoctorViewSet.as_view({"get": "availability"})),
    path(ONE, AppointmentViewSet.as_view({"get": "retrieve", "patch": "partial_update", "delete": "destroy"})),
    *(path(f"{ONE}/{verb.replace('_', '-')}", AppointmentViewSet.as_view({"post": verb})) for verb in STEPS),
    path("users/doctors", doctors),
    path("clinics/<str:clinic_id>/doctors", doctors),
    path("clinics/<str:clinic_id>/dashboard", DashboardViewSet.as_view({"get": "retrieve"})),
]
