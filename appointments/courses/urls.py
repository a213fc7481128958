"""Which routes are about courses?"""

from django.urls import path

from appointments.courses.views import CourseViewSet, TemplateViewSet

ALL = "appointments/courses"
ONE = f"{ALL}/<uuid:course_id>"

urlpatterns = [
    path(ALL, CourseViewSet.as_view({"get": "list", "post": "create"})),
    path(f"{ALL}/templates", TemplateViewSet.as_view({"get": "list", "post": "create"})),
    path(f"{ALL}/templates/<uuid:template_id>", TemplateViewSet.as_view({"get": "retrieve", "patch": "partial_update"})),
    path(ONE, CourseViewSet.as_view({"get": "retrieve"})),
    path(f"{ONE}/cancel", CourseViewSet.as_view({"post": "cancel"})),
    path(f"{ONE}/replan", CourseViewSet.as_view({"post": "replan"})),
]
