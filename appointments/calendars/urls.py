"""Which routes are about calendars?"""

from django.urls import path

from appointments.calendars.views import FeedViewSet, FileViewSet, SubscriptionViewSet, TargetViewSet

urlpatterns = [
    path("appointments/<uuid:appointment_id>/calendar.ics", FileViewSet.as_view({"get": "retrieve"})),
    path("calendar/feeds", FeedViewSet.as_view({"get": "list", "post": "create"})),
    path("calendar/feeds/<uuid:feed_id>", FeedViewSet.as_view({"delete": "destroy"})),
    path("calendar/target", TargetViewSet.as_view({"get": "retrieve", "put": "update", "delete": "destroy"})),
    path("calendar/<str:token>.ics", SubscriptionViewSet.as_view({"get": "retrieve"})),
]
