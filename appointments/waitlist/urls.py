"""Which routes are about the waitlist?"""

from django.urls import path

from appointments.waitlist.views import WaitlistViewSet

ALL = "appointments/waitlist"
ONE = f"{ALL}/<uuid:wish_id>"

urlpatterns = [
    path(ALL, WaitlistViewSet.as_view({"get": "list", "post": "create"})),
    path(ONE, WaitlistViewSet.as_view({"get": "retrieve", "delete": "destroy"})),
    path(f"{ONE}/accept", WaitlistViewSet.as_view({"post": "accept"})),
    path(f"{ONE}/decline", WaitlistViewSet.as_view({"post": "decline"})),
]
