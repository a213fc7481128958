"""What is each operation about? One row an operation: the permission it needs, which clinic it is in, which ids it takes.

Written by hand, not read from the code: the code is what is judged. An operation of the schema without a row here, a row
without its operation, or an id of an operation that its row does not name, fails the probe (`unclassified`).

In bodies `@kind` stands for an id of that kind, `=fact` for a value that the clinic was filled with.
"""

from healthcare.core.needs import OPEN, SIGNED_IN
from healthcare.probe.op import Op, Place
from healthcare.probe.operations_charts import CHARTS, SECTIONS
from healthcare.probe.operations_people import PEOPLE

__all__ = ["OPERATIONS", "SECTIONS", "Op", "Place"]

CARDS = frozenset({"card"})
WHY_CARDS = "before joining, signed-in people may read professional cards and free times (PRODUCT §2)"
WHY_HEALTH = "answers also while the stores are away, so no token and no clinic is read"
WHY_SELF = "speaks of the caller alone, wherever they are"
WHY_FEED = "the address is the secret: whoever was given it reads one person's where and when"
WHY_GATEWAY = "the gateway's signature proves who speaks; without it the clinic answers as any other"
WHY_SCREEN = "a screen has no account: its secret says which clinic it is of"
H, P, D, N, E = Place.HEADER, Place.PATH, Place.DIRECTORY, Place.PLATFORM, Place.EITHER
ONE = {"appointment_id": "appointment"}
WISH = {
    "kind": "consultation", "from_on": "=today", "until_on": "=today", "doctor": "@practitioner", "patient": "@patient",
    "location": "@location",
}  # fmt: skip
PHASE = {"name": "One", "kind": "consultation", "sittings": 2}
COURSE = {"template": "@template", "patient": "@patient", "starts_on": "=today", "therapists": ["@practitioner"]}
PAYMENT = {**ONE, "payment_id": "payment"}
QUEUE = {"queue_id": "queue"}
OPENING = {"opening_id": "opening"}
TOKEN = {"queue_id": "queue", "token_id": "token"}
BOOKING = {"kind": "consultation", "doctor": "@practitioner", "starts_at": "=slot", "patient": "@patient"}
HOOK = {"webhook_id": "webhook"}
BROWSER = {"endpoint": "https://push.invalid/probe", "public_key": "B" * 87, "secret": "A" * 22}
SERIES, GROUP = {"series_id": "series"}, {"group_id": "group"}
GROUP_PLAN = {"kind": "consultation", "doctor": "@practitioner", "starts_at": "=slot", "seats": 4}
AWAY = {"doctor": "@practitioner", "starts_at": "=slot", "ends_at": "=slot_end"}

OPERATIONS: dict[str, Op] = {
    **PEOPLE,
    # -- charts
    "GET /patients": Op("patient.view", H),
    "POST /patients": Op("patient.enter", H, {}, {"first_name": "Newcomer"}),
    "POST /patients/search": Op("patient.view", H, {}, {"email": "=email"}),
    "GET /patients/{patient_id}": Op("patient.view", H, {"patient_id": "patient"}),
    "PATCH /patients/{patient_id}": Op("patient.enter", H, {"patient_id": "patient"}, {"sex": "other"}),
    **CHARTS,
    "GET /users/patients": Op("patient.view", H),
    "GET /clinics/{clinic_id}/patients": Op("patient.view", P),
    # -- charts opened in an emergency
    "GET /break-glass": Op("glass.view", H, {"user": "user", "patient": "patient"}),
    "POST /break-glass": Op("glass.open", H, {}, {"patient": "@patient", "reason": "An emergency of the probe."}),
    "GET /break-glass/{opening_id}": Op("glass.view", H, OPENING),
    "POST /break-glass/{opening_id}/close": Op("glass.open", H, OPENING),
    "POST /break-glass/{opening_id}/review": Op("glass.review", H, OPENING, {"finding": "justified"}),
    # -- doctors and free times
    "GET /users/doctors": Op("practitioner.view", H, {"location": "location"}, {}, CARDS, WHY_CARDS),
    "GET /clinics/{clinic_id}/doctors": Op("practitioner.view", P, {"location": "location"}, {}, CARDS, WHY_CARDS),
    "GET /appointments/kinds": Op("practitioner.view", H, {}, {}, CARDS, WHY_CARDS),
    "GET /appointments/doctor/{doctor_id}/availability": Op(
        "availability.view",
        H,
        {"doctor_id": "practitioner", "location": "location", "patient": "patient"},
        {},
        CARDS,
        WHY_CARDS,
    ),
    # -- appointments
    "GET /appointments": Op("appointment.view", H, {"practitioner": "practitioner"}),
    "GET /appointments/mine": Op("appointment.view", H, {"practitioner": "practitioner"}),
    "POST /appointments": Op("appointment.book", H, {}, BOOKING),
    "GET /appointments/{appointment_id}": Op("appointment.view", H, ONE),
    "PUT /appointments/{appointment_id}": Op("appointment.change", H, ONE, {"reason": "changed", "priority": "normal"}),
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
    # -- video, arriving, calendars
    "GET /appointments/{appointment_id}/video": Op("appointment.view", H, ONE),
    "POST /appointments/{appointment_id}/video/join": Op("video.join", H, ONE),
    "POST /appointments/{appointment_id}/video/admit": Op("video.admit", H, ONE),
    "POST /appointments/{appointment_id}/video/end": Op("video.admit", H, ONE),
    "POST /appointments/{appointment_id}/video/issues": Op("video.join", H, ONE, {"what": "sound"}),
    "POST /appointments/{appointment_id}/check-in/pass": Op("appointment.arrive", H, ONE),
    "POST /appointments/{appointment_id}/check-in/here": Op(
        "appointment.arrive", H, ONE, {"latitude": 1.5, "longitude": 2.5, "accuracy": 10.0}
    ),
    "POST /appointments/check-in/scan": Op("appointment.run", H, {}, {"token": "=pass"}),
    "POST /displays/{display_id}/check-in": Op(
        Place.SCREEN, Place.SCREEN, {"display_id": "display"}, {"token": "=pass"}, why=WHY_SCREEN
    ),
    "PUT /displays/{display_id}/check-in": Op("display.pair", H, {"display_id": "display"}, {"allowed": True}),
    "GET /appointments/{appointment_id}/calendar.ics": Op("appointment.view", H, ONE),
    "GET /calendar/feeds": Op("calendar.feed", H),
    "POST /calendar/feeds": Op("calendar.feed", H),
    "DELETE /calendar/feeds/{feed_id}": Op("calendar.feed", H, {"feed_id": "feed"}),
    "GET /calendar/{token}.ics": Op(OPEN, N, {"token": "feed_token"}, {}, frozenset({"row"}), WHY_FEED),
    "GET /calendar/target": Op("calendar.sync", H),
    "PUT /calendar/target": Op("calendar.sync", H, {}, {"url": "https://calendar.invalid/probe"}),
    "DELETE /calendar/target": Op("calendar.sync", H),
    # -- the waitlist and courses
    "GET /appointments/waitlist": Op("waitlist.view", H, {"practitioner": "practitioner"}),
    "POST /appointments/waitlist": Op("waitlist.join", H, {}, WISH),
    "GET /appointments/waitlist/{wish_id}": Op("waitlist.view", H, {"wish_id": "wish"}),
    "DELETE /appointments/waitlist/{wish_id}": Op("waitlist.join", H, {"wish_id": "wish"}),
    "POST /appointments/waitlist/{wish_id}/accept": Op("waitlist.join", H, {"wish_id": "wish"}),
    "POST /appointments/waitlist/{wish_id}/decline": Op("waitlist.join", H, {"wish_id": "wish"}),
    "GET /appointments/courses/templates": Op("practitioner.view", H),
    "POST /appointments/courses/templates": Op("course.manage", H, {}, {"name": "Probe course", "phases": [PHASE]}),
    "GET /appointments/courses/templates/{template_id}": Op("practitioner.view", H, {"template_id": "template"}),
    "PATCH /appointments/courses/templates/{template_id}": Op(
        "course.manage", H, {"template_id": "template"}, {"is_active": True}
    ),
    "GET /appointments/courses": Op("course.view", H),
    "POST /appointments/courses": Op("course.order", H, {}, COURSE),
    "GET /appointments/courses/{course_id}": Op("course.view", H, {"course_id": "course"}),
    "POST /appointments/courses/{course_id}/cancel": Op("course.order", H, {"course_id": "course"}),
    "POST /appointments/courses/{course_id}/replan": Op("course.order", H, {"course_id": "course"}),
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
    "GET /appointments/availability": Op(
        "availability.view",
        H,
        {"location": "location", "patient": "patient"},
        {},
        CARDS,
        WHY_CARDS,
        {"kind": "consultation", "day": "=today"},
    ),
    "POST /appointments/{appointment_id}/reassign": Op("appointment.reassign", H, ONE, {"doctor": "@practitioner"}),
    "POST /appointments/{appointment_id}/transfer": Op("appointment.reassign", H, ONE, {"doctor": "@practitioner"}),
    "GET /appointments/series": Op("appointment.view", H),
    "POST /appointments/series": Op("appointment.book", H, {}, {**BOOKING, "rule": "FREQ=WEEKLY;COUNT=1"}),
    "GET /appointments/series/{series_id}": Op("appointment.view", H, SERIES),
    "POST /appointments/series/{series_id}/end": Op("appointment.change", H, SERIES),
    "GET /appointments/groups": Op("group.view", H),
    "POST /appointments/groups": Op("group.manage", H, {}, GROUP_PLAN),
    "GET /appointments/groups/{group_id}": Op("group.view", H, GROUP),
    "POST /appointments/groups/{group_id}/join": Op("appointment.book", H, GROUP, {"patient": "@patient"}),
    "POST /appointments/groups/{group_id}/call-off": Op("group.manage", H, GROUP),
    "GET /appointments/leaves": Op("leave.manage", H),
    "POST /appointments/leaves": Op("leave.manage", H, {}, AWAY),
    "POST /appointments/leaves/preview": Op("leave.manage", H, {}, AWAY),
    "GET /appointments/leaves/{leave_id}": Op("leave.manage", H, {"leave_id": "leave"}),
    "POST /appointments/leaves/{leave_id}/undo": Op("leave.manage", H, {"leave_id": "leave"}),
    "GET /appointments/overrides": Op("appointment.ask_override", H),
    "POST /appointments/overrides": Op("appointment.ask_override", H, {}, {**BOOKING, "priority": "urgent", "reason": "burn"}),
    "GET /appointments/overrides/{override_id}": Op("appointment.ask_override", H, {"override_id": "override"}),
    "POST /appointments/overrides/{override_id}/approve": Op("appointment.override", H, {"override_id": "override"}),
    "POST /appointments/overrides/{override_id}/decline": Op("appointment.override", H, {"override_id": "override"}),
    "GET /appointments/follow-ups": Op("follow_up.view", H),
    "POST /appointments/follow-ups/{follow_up_id}/dismiss": Op("follow_up.manage", H, {"follow_up_id": "follow_up"}),
    "GET /appointments/{appointment_id}/instructions": Op("instruction.view", H, ONE),
    "POST /appointments/{appointment_id}/instructions/{instruction_id}/done": Op(
        "instruction.view", H, {**ONE, "instruction_id": "instruction"}
    ),
    "GET /appointments/{appointment_id}/stations": Op("instruction.view", H, ONE),
    **{
        f"POST /appointments/{{appointment_id}}/stations/{{station_id}}/{verb}": Op(
            "station.run", H, {**ONE, "station_id": "station"}
        )
        for verb in ("start", "finish", "skip")
    },
    "GET /appointments/{appointment_id}/order": Op("order.view", H, ONE),
    "POST /appointments/{appointment_id}/order/collect": Op("order.run", H, ONE),
    "POST /appointments/{appointment_id}/order/report": Op("order.run", H, ONE, {"result": "negative"}),
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
    "GET /analytics/daily": Op("figures.view", H),
    "GET /events": Op("event.view", H, {"after": "moment"}),
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
    "GET /patients/{patient_id}/access-log": Op("access_log.view", H, {"patient_id": "patient"}),
    "GET /health": Op(OPEN, Place.NOWHERE, why=WHY_HEALTH),
    "GET /health/api": Op(OPEN, Place.NOWHERE, why=WHY_HEALTH),
    "GET /health/live": Op(OPEN, Place.NOWHERE, why=WHY_HEALTH),
    "GET /health/ready": Op(OPEN, Place.NOWHERE, why=WHY_HEALTH),
    "GET /health/detailed": Op("health.view", N),
}
