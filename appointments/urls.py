"""Which routes are about appointments and those who can be booked?"""

from django.urls import path

from appointments.dashboard_views import DashboardViewSet
from appointments.doctor_views import DoctorViewSet
from appointments.hold_views import HoldViewSet
from appointments.planning_views import GroupViewSet, SeriesViewSet
from appointments.resource_views import ResourceViewSet
from appointments.room_views import LeaveViewSet, OverrideViewSet
from appointments.views import AppointmentViewSet
from appointments.work_views import FollowUpViewSet, WorkViewSet

doctors = DoctorViewSet.as_view({"get": "list"})
ONE = "appointments/<uuid:appointment_id>"
FROM_HERE = ("cancel", "confirm", "check_in", "start", "hold", "resume", "complete", "no_show")
READ_OR_CHANGE = {"get": "retrieve", "put": "update", "patch": "partial_update", "delete": "destroy"}
STEPS = (*FROM_HERE, "reschedule", "reassign", "transfer")

urlpatterns = [
    path("appointments", AppointmentViewSet.as_view({"get": "list", "post": "create"})),
    path("appointments/mine", AppointmentViewSet.as_view({"get": "mine"})),
    path("appointments/holds", HoldViewSet.as_view({"get": "list", "post": "create"})),
    path("appointments/series", SeriesViewSet.as_view({"get": "list", "post": "create"})),
    path("appointments/series/<uuid:series_id>", SeriesViewSet.as_view({"get": "retrieve"})),
    path("appointments/series/<uuid:series_id>/end", SeriesViewSet.as_view({"post": "end"})),
    path("appointments/groups", GroupViewSet.as_view({"get": "list", "post": "create"})),
    path("appointments/groups/<uuid:group_id>", GroupViewSet.as_view({"get": "retrieve"})),
    path("appointments/groups/<uuid:group_id>/join", GroupViewSet.as_view({"post": "join"})),
    path("appointments/groups/<uuid:group_id>/call-off", GroupViewSet.as_view({"post": "call_off"})),
    path("appointments/leaves", LeaveViewSet.as_view({"get": "list", "post": "create"})),
    path("appointments/leaves/preview", LeaveViewSet.as_view({"post": "preview"})),
    path("appointments/leaves/<uuid:leave_id>", LeaveViewSet.as_view({"get": "retrieve"})),
    path("appointments/leaves/<uuid:leave_id>/undo", LeaveViewSet.as_view({"post": "undo"})),
    path("appointments/overrides", OverrideViewSet.as_view({"get": "list", "post": "create"})),
    path("appointments/overrides/<uuid:override_id>", OverrideViewSet.as_view({"get": "retrieve"})),
    path("appointments/overrides/<uuid:override_id>/approve", OverrideViewSet.as_view({"post": "approve"})),
    path("appointments/overrides/<uuid:override_id>/decline", OverrideViewSet.as_view({"post": "decline"})),
    path("appointments/follow-ups", FollowUpViewSet.as_view({"get": "list"})),
    path("appointments/follow-ups/<uuid:follow_up_id>/dismiss", FollowUpViewSet.as_view({"post": "dismiss"})),
    path(f"{ONE}/instructions", WorkViewSet.as_view({"get": "instructions"})),
    path(f"{ONE}/instructions/<uuid:instruction_id>/done", WorkViewSet.as_view({"post": "tick"})),
    path(f"{ONE}/stations", WorkViewSet.as_view({"get": "stations"})),
    *(
        path(f"{ONE}/stations/<uuid:station_id>/{verb}", WorkViewSet.as_view({"post": f"station_{verb}"}))
        for verb in ("start", "finish", "skip")
    ),
    path(f"{ONE}/order", WorkViewSet.as_view({"get": "order"})),
    path(f"{ONE}/order/collect", WorkViewSet.as_view({"post": "collect"})),
    path(f"{ONE}/order/report", WorkViewSet.as_view({"post": "report"})),
    path("appointments/resources", ResourceViewSet.as_view({"get": "list", "post": "create"})),
    path("appointments/resources/<uuid:resource_id>", ResourceViewSet.as_view({"get": "retrieve", "patch": "partial_update"})),
    path("appointments/kinds", DoctorViewSet.as_view({"get": "kinds"})),
    path("appointments/availability", DoctorViewSet.as_view({"get": "free"})),
    path("appointments/doctor/<uuid:doctor_id>/availability", DoctorViewSet.as_view({"get": "availability"})),
    path(ONE, AppointmentViewSet.as_view(READ_OR_CHANGE)),
    *(path(f"{ONE}/{verb.replace('_', '-')}", AppointmentViewSet.as_view({"post": verb})) for verb in STEPS),
    path("users/doctors", doctors),
    path("clinics/<str:clinic_id>/doctors", doctors),
    path("clinics/<str:clinic_id>/dashboard", DashboardViewSet.as_view({"get": "retrieve"})),
]
