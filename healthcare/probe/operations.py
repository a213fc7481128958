"""What is each operation about? One row an operation: the permission it needs, which clinic it is in, which ids it takes.

Written by hand, not read from the code: the code is what is judged. An operation of the schema without a row here, a row
without its operation, or an id of an operation that its row does not name, fails the probe (`unclassified`).

In bodies `@kind` stands for an id of that kind, `=fact` for a value that the clinic was filled with.
"""

from typing import Any

from healthcare.core.needs import OPEN, SIGNED_IN
from healthcare.probe.op import Op, Place
from healthcare.probe.operations_charts import CHART, CHARTS, SECTIONS

__all__ = ["OPERATIONS", "SECTIONS", "Op", "Place"]

CARDS = frozenset({"card"})
WHY_CARDS = "before joining, signed-in people may read professional cards and free times (PRODUCT §2)"
WHY_DIRECTORY = "the public directory: no person's data"
WHY_HEALTH = "answers also while the stores are away, so no token and no clinic is read"
WHY_CLOSED = "who may close and open clinics finds the closed ones too"
WHY_SELF = "speaks of the caller alone, wherever they are"
WHY_GATEWAY = "the gateway's signature proves who speaks; without it the clinic answers as any other"
WHY_SCREEN = "a screen has no account: its secret says which clinic it is of"
H, P, D, N = Place.HEADER, Place.PATH, Place.DIRECTORY, Place.PLATFORM
ONE = {"appointment_id": "appointment"}
PAYMENT = {**ONE, "payment_id": "payment"}
QUEUE = {"queue_id": "queue"}
TOKEN = {"queue_id": "queue", "token_id": "token"}
BOOKING = {"kind": "consultation", "doctor": "@practitioner", "starts_at": "=slot", "patient": "@patient"}
HOOK = {"webhook_id": "webhook"}
BROWSER = {"endpoint": "https://push.invalid/probe", "public_key": "B" * 87, "secret": "A" * 22}
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
}  # fmt: skip

OPERATIONS: dict[str, Op] = {
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
    "GET /clinics/{clinic_id}/settings": Op("clinic.settings", D),
    "PUT /clinics/{clinic_id}/settings": Op("clinic.manage", D, {}, SETTINGS),
    "PATCH /clinics/{clinic_id}/settings": Op("clinic.manage", D, {}, {"buffer_minutes": 5}),
    "GET /clinics/{clinic_id}/settings/history": Op("clinic.manage", D),
    "POST /clinics/{clinic_id}/register": Op(SIGNED_IN, D, why="any person may become a clinic's patient"),
    # -- charts
    "GET /patients": Op("patient.view", H),
    "POST /patients": Op("patient.enter", H, {}, {"first_name": "Newcomer"}),
    "POST /patients/search": Op("patient.view", H, {}, {"email": "=email"}),
    "GET /patients/{patient_id}": Op("patient.view", H, {"patient_id": "patient"}),
    "PATCH /patients/{patient_id}": Op("patient.enter", H, {"patient_id": "patient"}, {"sex": "other"}),
    **CHARTS,
    "GET /users/patients": Op("patient.view", H),
    "GET /clinics/{clinic_id}/patients": Op("patient.view", P),
    # -- doctors and free times
    "GET /users/doctors": Op("practitioner.view", H, {"location": "location"}, {}, CARDS, WHY_CARDS),
    "GET /clinics/{clinic_id}/doctors": Op("practitioner.view", P, {"location": "location"}, {}, CARDS, WHY_CARDS),
    "GET /appointments/kinds": Op("practitioner.view", H, {}, {}, CARDS, WHY_CARDS),
    "GET /appointments/doctor/{doctor_id}/availability": Op(
        "availability.view", H, {"doctor_id": "practitioner", "location": "location"}, {}, CARDS, WHY_CARDS
    ),
    # -- appointments
    "GET /appointments": Op("appointment.view", H, {"practitioner": "practitioner"}),
    "GET /appointments/mine": Op("appointment.view", H, {"practitioner": "practitioner"}),
    "POST /appointments": Op("appointment.book", H, {}, BOOKING),
    "GET /appointments/{appointment_id}": Op("appointment.view", H, ONE),
    "PATCH /appointments/{appointment_id}": Op("appointment.change", H, ONE, {"reason": "changed"}),
    "DELETE /appointments/{appointment_id}": Op("appointment.change", H, ONE),
    "POST /appointments/{appointment_id}/cancel": Op("appointment.change", H, ONE, {"reason": "cancelled"}),
    "POST /appointments/{appointment_id}/confirm": Op("appointment.change", H, ONE),
    "POST /appointments/{appointment_id}/reschedule": Op(
        "appointment.change", H, ONE, {"starts_at": "=slot", "doctor": "@practitioner"}
    ),
    **{
        f"POST /appointments/{{appointment_id}}/{verb}": Op("appointment.run", H, ONE)
        for verb in ("check-in", "start", "hold", "resume", "complete", "no-show")
    },
    # -- money
    "GET /appointments/{appointment_id}/payments": Op("payment.view", H, ONE),
    "POST /appointments/{appointment_id}/payments": Op("payment.pay", H, ONE, {"method": "online"}),
    "PUT /appointments/{appointment_id}/payments/price": Op("payment.take", H, ONE, {"price": "120.00"}),
    "GET /appointments/{appointment_id}/payments/{payment_id}": Op("payment.view", H, PAYMENT),
    "GET /appointments/{appointment_id}/payments/{payment_id}/receipt": Op("payment.view", H, PAYMENT),
    "GET /appointments/{appointment_id}/payments/{payment_id}/refunds/{refund_id}/receipt": Op(
        "payment.view", H, {**PAYMENT, "refund_id": "refund"}
    ),
    "POST /appointments/{appointment_id}/payments/{payment_id}/withdraw": Op("payment.pay", H, PAYMENT),
    "POST /appointments/{appointment_id}/payments/{payment_id}/refund": Op("payment.refund", H, PAYMENT, {"why": "goodwill"}),
    "POST /clinics/{clinic_id}/payments/gateways/stripe": Op(OPEN, D, why=WHY_GATEWAY),
    "GET /appointments/holds": Op("appointment.view", H, {"practitioner": "practitioner"}),
    "POST /appointments/holds": Op("appointment.book", H, {}, BOOKING),
    "GET /appointments/availability": Op("availability.view", H, {"location": "location"}, {}, CARDS, WHY_CARDS),
    "GET /appointments/resources": Op("resource.view", H),
    "POST /appointments/resources": Op("resource.manage", H, {}, {"type": "room", "name": "Room 9", "location": "@location"}),
    "GET /appointments/resources/{resource_id}": Op("resource.view", H, {"resource_id": "resource"}),
    "PATCH /appointments/resources/{resource_id}": Op("resource.manage", H, {"resource_id": "resource"}, {"capacity": 2}),
    # -- the live queue
    "GET /queues": Op("queue.view", H, {"practitioner": "practitioner"}),
    "POST /queues": Op("queue.run", H, {}, {"practitioner": "@practitioner"}),
    "GET /queues/{queue_id}": Op("queue.view", H, QUEUE),
    "POST /queues/{queue_id}/tokens": Op("queue.run", H, QUEUE, {"patient": "@patient"}),
    "POST /queues/{queue_id}/call-next": Op("queue.run", H, QUEUE),
    "POST /queues/{queue_id}/reorder": Op("queue.run", H, QUEUE, {"tokens": ["@line", "=second"]}),
    "POST /queues/{queue_id}/tokens/{token_id}/transfer": Op("queue.run", H, TOKEN, {"queue": "@to_queue"}),
    **{
        f"POST /queues/{{queue_id}}/tokens/{{token_id}}/{verb}": Op("queue.run", H, TOKEN)
        for verb in ("recall", "skip", "hold", "resume", "start", "finish", "undo")
    },
    # -- screens
    "POST /displays": Op(OPEN, N, why="a screen that was switched on asks for a code; it is nobody's yet"),
    "GET /displays/{display_id}": Op(Place.SCREEN, Place.SCREEN, {"display_id": "display"}, why=WHY_SCREEN),
    "POST /displays/{display_id}/tickets": Op(Place.SCREEN, Place.SCREEN, {"display_id": "display"}, why=WHY_SCREEN),
    "GET /displays": Op("display.pair", H),
    "POST /displays/approve": Op("display.pair", H, {}, {"code": "=code", "name": "Hall", "practitioners": ["@practitioner"]}),
    "DELETE /displays/{display_id}": Op("display.pair", H, {"display_id": "display"}),
    # -- being told, being accountable, being well
    "GET /notifications": Op("notification.view", H),
    "POST /notifications/{id}/read": Op("notification.view", H, {"id": "notification"}),
    "GET /events": Op("event.view", H, {"after": "row"}),
    "GET /webhooks": Op("webhook.manage", H),
    "POST /webhooks": Op("webhook.manage", H, {}, {"url": "https://hooks.invalid/probe"}),
    "GET /webhooks/{webhook_id}": Op("webhook.manage", H, HOOK),
    "PATCH /webhooks/{webhook_id}": Op("webhook.manage", H, HOOK, {"is_active": False}),
    "DELETE /webhooks/{webhook_id}": Op("webhook.manage", H, HOOK),
    "POST /webhooks/{webhook_id}/secret": Op("webhook.manage", H, HOOK),
    "GET /webhooks/{webhook_id}/deliveries": Op("webhook.manage", H, HOOK),
    "POST /webhooks/{webhook_id}/replay": Op("webhook.manage", H, HOOK),
    "GET /notifications/preferences": Op("notification.view", H),
    "PUT /notifications/preferences": Op("notification.view", H, {}, {"channels": ["email"]}),
    "PATCH /notifications/preferences": Op("notification.view", H, {}, {"declined": ["turn_near"]}),
    "GET /notifications/account": Op(SIGNED_IN, N, why=WHY_SELF),
    "GET /notifications/push-key": Op(OPEN, N, why="a public key"),
    "GET /notifications/devices": Op(SIGNED_IN, N, why=WHY_SELF),
    "POST /notifications/devices": Op(SIGNED_IN, N, {}, BROWSER, why=WHY_SELF),
    "POST /notifications/devices/forget": Op(SIGNED_IN, N, {}, {"endpoint": "https://push.invalid/nobody"}, why=WHY_SELF),
    "GET /audit/events": Op("audit.view", H, {"actor": "user", "object_id": "row", "patient": "patient"}),
    "GET /patients/{patient_id}/access-log": Op("access_log.view", H, CHART),
    "GET /health": Op(OPEN, Place.NOWHERE, why=WHY_HEALTH),
    "GET /health/api": Op(OPEN, Place.NOWHERE, why=WHY_HEALTH),
    "GET /health/live": Op(OPEN, Place.NOWHERE, why=WHY_HEALTH),
    "GET /health/ready": Op(OPEN, Place.NOWHERE, why=WHY_HEALTH),
    "GET /health/detailed": Op("health.view", N),
}
