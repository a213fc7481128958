"""Where are the routes for integrators?"""

from django.urls import path

from notifications.webhooks.views import FeedViewSet, WebhookViewSet

ONE = "webhooks/<uuid:webhook_id>"

urlpatterns = [
    path("events", FeedViewSet.as_view({"get": "list"})),
    path("webhooks", WebhookViewSet.as_view({"get": "list", "post": "create"})),
    path(ONE, WebhookViewSet.as_view({"get": "retrieve", "patch": "partial_update", "delete": "destroy"})),
    path(f"{ONE}/secret", WebhookViewSet.as_view({"post": "secret"})),
    path(f"{ONE}/deliveries", WebhookViewSet.as_view({"get": "deliveries"})),
    path(f"{ONE}/replay", WebhookViewSet.as_view({"post": "replay"})),
]
