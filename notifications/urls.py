"""Where are the routes of notifications?"""

from django.urls import path

from notifications import outer_views
from notifications.views import DeviceViewSet, NoticeViewSet, NotificationViewSet, PreferenceViewSet

urlpatterns = [
    path("notifications", NotificationViewSet.as_view({"get": "list"}), name="notifications"),
    path("notifications/<uuid:pk>/read", NotificationViewSet.as_view({"post": "read"}), name="notification-read"),
    path(
        "notifications/preferences",
        PreferenceViewSet.as_view({"get": "retrieve", "put": "update", "patch": "partial_update"}),
    ),
    path("notifications/account", NoticeViewSet.as_view({"get": "list"})),
    path("notifications/push-key", DeviceViewSet.as_view({"get": "key"})),
    path("notifications/devices", DeviceViewSet.as_view({"get": "list", "post": "create"})),
    path("notifications/devices/forget", DeviceViewSet.as_view({"post": "forget"})),
    path("notifications/opt-out/<str:token>", outer_views.page_opt_out, name="opt_out"),
    path("providers/sms", outer_views.told_by_sms),
    path("providers/whatsapp", outer_views.told_by_whatsapp),
]
