"""Which routes tell how the product is, and who did what?"""

from django.urls import path
from django.views.generic import RedirectView

from monitoring import dashboard, scrape
from monitoring.trail.views import AccessLogViewSet, AuditEventViewSet
from monitoring.views import DetailedHealthViewSet, HealthViewSet

urlpatterns = [
    path("health", HealthViewSet.as_view({"get": "short"})),
    path("health/live", HealthViewSet.as_view({"get": "live"})),
    path("health/ready", HealthViewSet.as_view({"get": "ready"})),
    path("health/api", HealthViewSet.as_view({"get": "api"})),
    path("health/detailed", DetailedHealthViewSet.as_view({"get": "detailed"})),
    path("metrics", scrape.metrics),
    path("audit/events", AuditEventViewSet.as_view({"get": "list"})),
    path("patients/<uuid:patient_id>/access-log", AccessLogViewSet.as_view({"get": "list"})),
    path("queue-dashboard", dashboard.page_queues, name="queue_dashboard"),
    path("queue-dashboard/data", dashboard.page_figures, name="queue_dashboard_data"),
    path("queue-dashboard/jobs/<uuid:job_id>/retry", dashboard.page_retry, name="queue_dashboard_retry"),
    path("queue-dashboard/jobs/<uuid:job_id>/discard", dashboard.page_discard, name="queue_dashboard_discard"),
    path("admin", RedirectView.as_view(pattern_name="admin:index")),
]
