"""Which routes are about meetings by video?"""

from django.urls import path

from appointments.video.views import VideoViewSet

ONE = "appointments/<uuid:appointment_id>/video"

urlpatterns = [
    path(ONE, VideoViewSet.as_view({"get": "retrieve"})),
    path(f"{ONE}/join", VideoViewSet.as_view({"post": "join"})),
    path(f"{ONE}/admit", VideoViewSet.as_view({"post": "admit"})),
    path(f"{ONE}/end", VideoViewSet.as_view({"post": "end"})),
    path(f"{ONE}/issues", VideoViewSet.as_view({"post": "report"})),
]
