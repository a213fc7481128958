"""Where are the routes of notifications?"""

from django.urls import path

from notifications.views import NotificationViewSet

urlpatterns = [
    path("notifications", NotificationViewSet.as_view({"get": "list"}), name="notifications"),
    path("notifications/<uuid:pk>/read", NotificationViewSet.as_view({"post": "read"}), name="notification-read"),
]
