"""Which routes are about people?"""

from django.urls import path

from accounts.joining import JoinViewSet
from accounts.views import AuthViewSet, ProfileViewSet

profile = ProfileViewSet.as_view({"get": "retrieve", "put": "update", "patch": "partial_update"})

urlpatterns = [
    path("auth/register", AuthViewSet.as_view({"post": "register"})),
    path("auth/login", AuthViewSet.as_view({"post": "login"})),
    path("auth/refresh", AuthViewSet.as_view({"post": "refresh"})),
    path("auth/logout", AuthViewSet.as_view({"post": "logout"})),
    path("users/profile", profile),
    path("clinics/<str:clinic_id>/register", JoinViewSet.as_view({"post": "register"})),
]
