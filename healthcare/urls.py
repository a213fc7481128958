"""Which address leads where? The composition root of all routes."""

from django.contrib import admin
from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView

from healthcare.home import page_home

urlpatterns = [
    path("", page_home, name="home"),
    path("api", SpectacularSwaggerView.as_view(url_name="schema"), name="api"),
    path("api/schema", SpectacularAPIView.as_view(), name="schema"),
    path("admin/", admin.site.urls),
    path("", include("accounts.urls")),
    path("", include("accounts.realtime_urls")),
    path("", include("clinics.urls")),
    path("", include("patients.urls")),
    path("", include("patients.glass.urls")),
    path("", include("appointments.urls")),
    path("", include("appointments.queue.urls")),
    path("", include("appointments.payments.urls")),
    path("", include("appointments.calendars.urls")),
    path("", include("appointments.checkin.urls")),
    path("", include("appointments.courses.urls")),
    path("", include("appointments.video.urls")),
    path("", include("appointments.waitlist.urls")),
    path("", include("notifications.urls")),
    path("", include("notifications.webhooks.urls")),
    path("", include("monitoring.urls")),
    path("", include("monitoring.daily.urls")),
]

handler400 = "healthcare.core.problems.bad_request"
handler403 = "healthcare.core.problems.permission_denied"
handler404 = "healthcare.core.problems.page_not_found"
handler500 = "healthcare.core.problems.server_error"
