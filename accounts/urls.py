"""Which routes are about people?"""

from django.urls import path

from accounts.auth_views import AuthViewSet, SessionViewSet
from accounts.explain_views import ExplainViewSet
from accounts.invitation_views import InvitationViewSet
from accounts.joining import JoinViewSet
from accounts.link_pages import page_invitation, page_reset
from accounts.proof_views import PasswordViewSet, StepUpViewSet, TotpViewSet
from accounts.user_views import GrantViewSet, UserViewSet
from accounts.views import ProfileViewSet

profile = ProfileViewSet.as_view({"get": "retrieve", "put": "update", "patch": "partial_update"})
ONE = "users/<uuid:user_id>"

urlpatterns = [
    path("auth/register", AuthViewSet.as_view({"post": "register"})),
    path("auth/login", AuthViewSet.as_view({"post": "login"})),
    path("auth/request-otp", AuthViewSet.as_view({"post": "request_otp"})),
    path("auth/verify-otp", AuthViewSet.as_view({"post": "verify_otp"})),
    path("auth/refresh", AuthViewSet.as_view({"post": "refresh"})),
    path("auth/logout", AuthViewSet.as_view({"post": "logout"})),
    path("auth/sessions", SessionViewSet.as_view({"get": "list"})),
    path("auth/sessions/<uuid:session_id>", SessionViewSet.as_view({"delete": "destroy"})),
    path("auth/password/forgot", PasswordViewSet.as_view({"post": "forgot"})),
    path("auth/password/reset", PasswordViewSet.as_view({"post": "reset"})),
    path("auth/password/change", PasswordViewSet.as_view({"post": "change"})),
    path("auth/step-up", StepUpViewSet.as_view({"post": "create"})),
    path("auth/mfa/totp", TotpViewSet.as_view({"get": "retrieve", "post": "create", "delete": "destroy"})),
    path("auth/mfa/totp/confirm", TotpViewSet.as_view({"post": "confirm"})),
    path("auth/mfa/totp/verify", TotpViewSet.as_view({"post": "verify"})),
    path("auth/mfa/totp/recovery-codes", TotpViewSet.as_view({"post": "renew_codes"})),
    path("password/reset", page_reset, name="password_reset_page"),
    path("auth/invitations", InvitationViewSet.as_view({"get": "list", "post": "create"})),
    path("auth/invitations/accept", InvitationViewSet.as_view({"post": "accept"})),
    path("auth/invitations/<uuid:invitation_id>", InvitationViewSet.as_view({"delete": "destroy"})),
    path("invitation", page_invitation, name="invitation_page"),
    path("users", UserViewSet.as_view({"get": "list"})),
    path("authz/explain", ExplainViewSet.as_view({"get": "retrieve"})),
    path("users/search", UserViewSet.as_view({"post": "search"})),
    path("users/profile", profile),
    path(ONE, UserViewSet.as_view({"get": "retrieve"})),
    path(f"{ONE}/disable", UserViewSet.as_view({"post": "disable"})),
    path(f"{ONE}/enable", UserViewSet.as_view({"post": "enable"})),
    path(f"{ONE}/grants", GrantViewSet.as_view({"get": "list", "post": "create"})),
    path(f"{ONE}/grants/<uuid:grant_id>", GrantViewSet.as_view({"patch": "partial_update", "delete": "destroy"})),
    path("clinics/<str:clinic_id>/register", JoinViewSet.as_view({"post": "register"})),
]
