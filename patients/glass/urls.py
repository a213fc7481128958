"""Which routes are about charts opened in an emergency?"""

from django.urls import path

from patients.glass.views import GlassViewSet

ONE = "break-glass/<uuid:opening_id>"

urlpatterns = [
    path("break-glass", GlassViewSet.as_view({"get": "list", "post": "create"})),
    path(ONE, GlassViewSet.as_view({"get": "retrieve"})),
    path(f"{ONE}/close", GlassViewSet.as_view({"post": "close"})),
    path(f"{ONE}/review", GlassViewSet.as_view({"post": "review"})),
]
