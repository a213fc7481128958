"""What is each operation about that concerns people's accounts and clinics as such? Rows of `operations.py`."""

from typing import Any

from healthcare.core.needs import OPEN, SIGNED_IN
from healthcare.probe.op import Op, Place

WHY_DIRECTORY = "the public directory: no person's data"
WHY_CLOSED = "who may close and open clinics finds the closed ones too"
WHY_SELF = "speaks of the caller alone, wherever they are"
WHY_PEOPLE = "about the named clinic's people; without a clinic, whom a role on the platform lets see all"
H, P, D, N, E = Place.HEADER, Place.PATH, Place.DIRECTORY, Place.PLATFORM, Place.EITHER
USER = {"user_id": "user"}
GRANT = {"user_id": "user", "grant_id": "grant"}
WHERE = {"location_id": "location"}
ENTRY = {
    "name": "Probe", "zone": "UTC", "currency": "EUR", "language": "en", "address": "Probe Street 1", "specialities": [],
}  # fmt: skip
SITE: dict[str, Any] = {
    "name": "Probe annex", "address": "", "city": "", "zone": "UTC", "hours": [], "latitude": None, "longitude": None,
}  # fmt: skip
SETTINGS: dict[str, Any] = {
    "zone": "UTC", "currency": "EUR", "language": "en", "languages": [], "kinds": None, "buffer_minutes": None,
    "notice_minutes": None, "horizon_days": None, "hours": [], "queue": {}, "notifications": {"reminders_minutes": [60]},
    "access": {"opened": []},
}  # fmt: skip

PEOPLE: dict[str, Op] = {
    # -- signing in, oneself
    "POST /auth/register": Op(
        OPEN, N, {}, {"email": "probe-newcomer@probe.invalid"}, why="anybody may sign up, and join the clinic they name"
    ),
    "POST /auth/login": Op(
        OPEN, N, {}, {"identifier": "nobody@probe.invalid", "password": "not-the-password", "challenge": "@challenge"}
    ),
    "POST /auth/request-otp": Op(OPEN, N, {}, {"identifier": "nobody@probe.invalid"}),
    "POST /auth/verify-otp": Op(OPEN, N, {}, {"challenge": "@challenge", "code": "000000"}),
    "GET /auth/sessions": Op(SIGNED_IN, N, why=WHY_SELF),
    "DELETE /auth/sessions/{session_id}": Op(SIGNED_IN, N, {"session_id": "session"}, why=WHY_SELF),
    "POST /auth/password/forgot": Op(OPEN, N, {}, {"identifier": "nobody@probe.invalid"}),
    "POST /auth/password/reset": Op(OPEN, N, {}, {"token": "no-such-token", "password": "not-the-password"}),
    "POST /auth/password/change": Op(
        SIGNED_IN, N, {}, {"current_password": "not-the-password", "new_password": "nor-is-this-one"}, why=WHY_SELF
    ),
    "POST /auth/step-up": Op(SIGNED_IN, N, {}, {"challenge": "@challenge", "code": "000000"}, why=WHY_SELF),
    "GET /auth/mfa/totp": Op(SIGNED_IN, N, why=WHY_SELF),
    "POST /auth/mfa/totp": Op(SIGNED_IN, N, why=WHY_SELF),
    "DELETE /auth/mfa/totp": Op(SIGNED_IN, N, why=WHY_SELF),
    "POST /auth/mfa/totp/confirm": Op(SIGNED_IN, N, {}, {"code": "000000"}, why=WHY_SELF),
    "POST /auth/mfa/totp/verify": Op(OPEN, N, {}, {"mfa_token": "no-such-token", "code": "000000"}),
    "POST /auth/mfa/totp/recovery-codes": Op(SIGNED_IN, N, why=WHY_SELF),
    "POST /auth/refresh": Op(OPEN, N, {}, {"refresh": "=refresh"}),
    "POST /auth/logout": Op(SIGNED_IN, N, why=WHY_SELF),
    "GET /users/profile": Op(SIGNED_IN, N, why=WHY_SELF),
    "PUT /users/profile": Op(SIGNED_IN, N, {}, {"zone": "Europe/Paris"}, why=WHY_SELF),
    "PATCH /users/profile": Op(SIGNED_IN, N, {}, {"language": "hi"}, why=WHY_SELF),
    # -- other people, their roles
    "GET /users": Op("user.list", E, why=WHY_PEOPLE),
    "POST /users/search": Op("user.list", E, {}, {"email": "=email"}, why=WHY_PEOPLE),
    "GET /users/{user_id}": Op("user.list", E, USER, why=WHY_PEOPLE),
    "POST /users/{user_id}/disable": Op("user.disable", E, USER, why=WHY_PEOPLE),
    "POST /users/{user_id}/enable": Op("user.disable", E, USER, why=WHY_PEOPLE),
    "GET /users/{user_id}/grants": Op("user.list", E, USER, why=WHY_PEOPLE),
    "POST /users/{user_id}/grants": Op("user.grant", E, USER, {"role": "nurse"}, why=WHY_PEOPLE),
    "PATCH /users/{user_id}/grants/{grant_id}": Op("user.grant", E, GRANT, {"expires_at": None}, why=WHY_PEOPLE),
    "DELETE /users/{user_id}/grants/{grant_id}": Op("user.grant", E, GRANT, why=WHY_PEOPLE),
    "GET /authz/explain": Op("authz.explain", H, {"user": "self"}, query={"action": "patient.view"}),
    "GET /auth/invitations": Op("user.grant", E, why=WHY_PEOPLE),
    "POST /auth/invitations": Op("user.grant", E, {}, {"role": "nurse", "email": "hired@probe.invalid"}, why=WHY_PEOPLE),
    "DELETE /auth/invitations/{invitation_id}": Op("user.grant", E, {"invitation_id": "invitation"}, why=WHY_PEOPLE),
    "POST /auth/invitations/accept": Op(OPEN, N, {}, {"token": "no-such-token"}, why="the link's secret says which one"),
    "POST /realtime/tickets": Op("realtime.connect", H),
    # -- clinics as such
    "GET /clinics": Op(OPEN, N, why=WHY_DIRECTORY),
    "GET /clinics/mine": Op(SIGNED_IN, N, why=WHY_SELF),
    "POST /clinics": Op("clinic.open", N, {}, {"slug": "probe-newcomer", "name": "Probe newcomer"}),
    "GET /clinics/{clinic_id}": Op(OPEN, D, why=WHY_DIRECTORY),
    "PUT /clinics/{clinic_id}": Op("clinic.manage", D, {}, ENTRY),
    "PATCH /clinics/{clinic_id}": Op("clinic.manage", D, {}, {"address": "Probe Street 1"}),
    "DELETE /clinics/{clinic_id}": Op("clinic.close", D, why=WHY_CLOSED),
    "POST /clinics/{clinic_id}/reopen": Op("clinic.close", D, why=WHY_CLOSED),
    "GET /clinics/{clinic_id}/locations": Op(OPEN, D, why=WHY_DIRECTORY),
    "POST /clinics/{clinic_id}/locations": Op("clinic.manage", D, {}, {"name": "Probe annex"}),
    "GET /clinics/{clinic_id}/locations/{location_id}": Op(OPEN, D, WHERE, why=WHY_DIRECTORY),
    "PUT /clinics/{clinic_id}/locations/{location_id}": Op("clinic.manage", D, WHERE, SITE),
    "PATCH /clinics/{clinic_id}/locations/{location_id}": Op("clinic.manage", D, WHERE, {"city": "Probe"}),
    "DELETE /clinics/{clinic_id}/locations/{location_id}": Op("clinic.manage", D, WHERE),
    "POST /clinics/{clinic_id}/locations/{location_id}/reopen": Op("clinic.manage", D, WHERE),
    "GET /clinics/{clinic_id}/dashboard": Op("dashboard.view", P),
    "GET /clinics/{clinic_id}/settings": Op("clinic.settings", D),
    "PUT /clinics/{clinic_id}/settings": Op("clinic.manage", D, {}, SETTINGS),
    "PATCH /clinics/{clinic_id}/settings": Op("clinic.manage", D, {}, {"buffer_minutes": 5}),
    "GET /clinics/{clinic_id}/settings/history": Op("clinic.manage", D),
    "POST /clinics/{clinic_id}/register": Op(SIGNED_IN, D, why="any person may become a clinic's patient"),
}
