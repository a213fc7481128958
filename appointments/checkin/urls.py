"""Which routes are about arriving?"""

from django.urls import path

from appointments.checkin.views import ArrivalViewSet, KioskViewSet

ONE = "appointments/<uuid:appointment_id>/check-in"

urlpatterns = [
    path(f"{ONE}/pass", ArrivalViewSet.as_view({"post": "issue"})),
    path(f"{ONE}/here", ArrivalViewSet.as_view({"post": "here"})),
    path("appointments/check-in/scan", ArrivalViewSet.as_view({"post": "show"})),
    path("displays/<uuid:display_id>/check-in", KioskViewSet.as_view({"post": "check_in", "put": "allow"})),
]
