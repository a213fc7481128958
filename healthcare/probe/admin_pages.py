"""Which pages of the admin are tried? All its routes, as each role, with one's own clinic chosen and with a forged choice."""

from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from accounts.admin_clinic import CHOSEN
from accounts.roles import PLATFORM_ROLES, STAFF_ROLES, Role, reach
from healthcare.core.ids import new_id
from healthcare.core.tenancy import on_platform
from healthcare.probe.calls import Call
from healthcare.probe.expecting import ELSEWHERE
from healthcare.probe.judging import Cell
from healthcare.probe.rest import GLASS, OPENED
from healthcare.probe.world import House, World

PLATFORM = frozenset({"people", "screen"})  # what pages about the whole installation show of every clinic
GONE = ("foreign", "deleted", "unknown", "malformed")
SEEN, KEPT = frozenset({200, 302, 304, 405}), frozenset({302, 403, 404, 405})


class Page(NamedTuple):
    """`need`: the permission of the role table, or STAFF for every member of staff; `kind`: of the id in its address."""

    need: str
    kind: str = ""
    method: str = "GET"
    platform: bool = False
    form: dict[str, str] = {}
    of_a_clinic: bool = False  # of the platform's pages: who runs the chosen clinic sees that clinic's rows


STAFF, NOBODY = "staff", "nobody"
ADDED = (  # entered in the admin itself
    "appointments_appointment",
    "appointments_practitioner",
    "appointments_resource",
    "appointments_leave",
    "appointments_series_add",
    "appointments_groupsession_add",
    "appointments_override_add",
    "courses_course_add",
    "payments_gatewayaccount",
    "waitlist_wish",
)
MODELS: dict[str, Page] = {
    "patients_patient": Page("patient.view", "patient"),
    "appointments_appointment": Page("appointment.view", "appointment"),
    "appointments_practitioner": Page("practitioner.view", "practitioner"),
    "calendars_calendartarget": Page("clinic.manage", "target"),
    "checkin_arrival": Page("appointment.view", "arrival"),
    "courses_coursetemplate": Page("course.view", "template"),
    "courses_course": Page("course.view", "course"),
    "video_videoroom": Page("appointment.view", "room"),
    "waitlist_wish": Page("waitlist.view", "wish"),
    "payments_payment": Page("payment.view", "payment"),
    "payments_gatewayaccount": Page("payment.gateway", "account"),
    "appointments_resource": Page("resource.view", "resource"),
    "appointments_series": Page("appointment.view", "series"),
    "appointments_leave": Page("leave.manage", "leave"),
    "appointments_override": Page("appointment.ask_override", "override"),
    "appointments_followup": Page("follow_up.view", "follow_up"),
    "appointments_serviceorder": Page("order.view", "order"),
    "appointments_groupsession": Page("group.view", "group"),
    "queue_queue": Page("queue.view", "queue"),
    "daily_day": Page("figures.view", "row"),
    "glass_opening": Page("glass.view", "opening"),
    "trail_clinicauditentry": Page("audit.view", "row"),
    "clinics_clinic": Page("clinic.list", "clinic", platform=True),
    "clinics_location": Page("clinic.list", "location", platform=True),
    "accounts_user": Page("user.list", "user", platform=True),
    "accounts_membership": Page("user.list", "grant", platform=True, of_a_clinic=True),
    "accounts_invitation": Page("user.grant", "invitation", platform=True, of_a_clinic=True),
    "monitoring_platformauditentry": Page("audit.platform", "user", platform=True),
    "auth_group": Page(NOBODY, "user", platform=True),
}
CLICKS = ("call_next", "transfer", "first", "recall", "skip", "hold", "resume", "start", "finish", "undo")
PAGES: dict[str, Page] = {
    "index": Page(STAFF),
    "appointments_appointment_add": Page("appointment.book"),
    "appointments_appointment_reschedule": Page("appointment.change", "appointment"),
    "appointments_appointment_hand_over": Page("appointment.reassign", "appointment"),
    "appointments_appointment_take_money": Page("payment.take", "appointment"),
    "appointments_series_add": Page("appointment.book"),
    "appointments_groupsession_add": Page("group.manage"),
    "appointments_override_add": Page("appointment.ask_override"),
    "courses_course_add": Page("course.order"),
    "waitlist_wish_add": Page("waitlist.join"),
    "app_list": Page(STAFF),
    "search": Page(STAFF),
    "autocomplete": Page(STAFF),
    "patients_search": Page("patient.view"),
    "queue_board": Page("queue.run"),
    "queue_board_now": Page("queue.run"),
    "queue_board_open": Page("queue.run", "practitioner", "POST", form={"practitioner": "@practitioner"}),
    "queue_board_check_in": Page("queue.run", "appointment", "POST"),
    "queue_board_walk_in": Page("queue.run", "queue", "POST", form={"mrn": ""}),
    **{f"queue_board_{verb}": Page("queue.run", "token", "POST", form={"queue": "@to_queue"}) for verb in CLICKS},
    "queue_board_phone": Page("queue.run", "token"),
    "queue_board_call_next": Page("queue.run", "queue", "POST"),
    "queue_screens": Page("display.pair"),
    "clinic_settings": Page("clinic.manage"),
    "notifications_preview": Page("notification.preview"),
    "queue_screens_revoke": Page("display.pair", "display", "POST"),
    "choose_clinic": Page(STAFF, "clinic", "POST", form={"clinic": "@clinic"}),
    "security": Page(STAFF),
    "security_enrol": Page(STAFF, method="POST"),
    "security_confirm": Page(STAFF, method="POST"),
    "security_remove": Page(STAFF, method="POST"),
    "security_end_session": Page(STAFF, "session", "POST"),
}
_BOOKS = {"mrn": "@mrn", "kind": "consultation", "practitioner": "@practitioner", "day": "2030-06-03"}
_MOVES = {"practitioner": "@practitioner", "day": "2030-06-03", "version": "1"}
_WAITS = {"mrn": "@mrn", "kind": "consultation", "practitioner": "@practitioner", "urgency": "normal", "sure": "1"}
_WAITS |= {"from_on": "2030-06-03", "until_on": "2030-06-10"}  # further ahead than one may wait: each is refused
_PICK = {"pick": "@practitioner =slot"}
_ONCE = {"once": "00000000-0000-4000-8000-000000000001"}
_TAKES = {**_ONCE, "amount": "0.01", "method": "cash"}
_STARTS = {**_ONCE, "kind": "consultation", "practitioner": "@practitioner", "day": "2030-06-03", "clock": "10:00"}
_BEGINS = {**_STARTS, "mrn": "@mrn", "often": "1", "count": "2"}
_PLANS = {**_STARTS, "seats": "4"}
_ASKS = {**_STARTS, "mrn": "@mrn", "priority": "emergency", "reason": "a burn"}
_ORDERS = {**_ONCE, "mrn": "@mrn", "template": "@template", "starts_on": "2030-06-03"}
# further ways of asking a page: what it is sent, with an id of each kind in turn that is not one's own
ALSO: dict[str, tuple[Page, ...]] = {
    "appointments_appointment_add": (
        Page("appointment.book", "mrn", "POST", form=_BOOKS),
        Page("appointment.book", "practitioner", "POST", form=_BOOKS),
        Page("appointment.book", "mrn", "POST", form={**_BOOKS, **_PICK}),
        Page("appointment.book", "practitioner", "POST", form={**_BOOKS, "practitioner": "", **_PICK}),
    ),
    "waitlist_wish_add": (
        Page("waitlist.join", "mrn", "POST", form=_WAITS),
        Page("waitlist.join", "practitioner", "POST", form=_WAITS),
    ),
    "appointments_appointment_reschedule": (
        Page("appointment.change", "appointment", "POST", form=_MOVES),
        Page("appointment.change", "appointment", "POST", form={**_MOVES, **_PICK}),
    ),
    "appointments_appointment_hand_over": tuple(
        Page("appointment.reassign", "appointment", "POST", form={**_MOVES, **how})
        for how in ({}, _PICK, {"how": "reassign"}, {"how": "next"})
    ),
    "appointments_series_add": tuple(Page("appointment.book", of, "POST", form=_BEGINS) for of in ("mrn", "practitioner")),
    "appointments_groupsession_add": (Page("group.manage", "practitioner", "POST", form=_PLANS),),
    "appointments_override_add": tuple(
        Page("appointment.ask_override", of, "POST", form=_ASKS) for of in ("mrn", "practitioner")
    ),
    "courses_course_add": tuple(Page("course.order", of, "POST", form=_ORDERS) for of in ("mrn", "template")),
    "appointments_appointment_take_money": (Page("payment.take", "appointment", "POST", form=_TAKES),),
    "appointments_appointment_changelist": tuple(
        Page("appointment.view", "appointment", "POST", form={"action": verb, "index": "0", "_selected_action": "@appointment"})
        for verb in ("confirm", "check_in", "no_show", "cancel")
    ),
}
# routes that show no rows: why
WITHOUT_ROWS = {
    "login": "a form",
    "logout": "ends the session",
    "password_change": "answers 404: passwords change through the API",
    "password_change_done": "a sentence",
    "jsi18n": "words for scripts",
    "view_on_site": "no model has an address of its own",
    "": "redirects, and what is not there",
}


def routes(resolver: Any = None, prefix: str = "/") -> Iterator[tuple[str, str]]:
    """(address, name) of all routes of the admin."""
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLResolver):
            if resolver is not None or pattern.app_name == "admin":
                yield from routes(pattern, prefix + str(pattern.pattern))
        elif isinstance(pattern, URLPattern) and resolver is not None:
            yield prefix + str(pattern.pattern), pattern.name or ""


def classified() -> tuple[list[tuple[str, str, Page]], list[str]]:
    """(address, name, page) of what is tried; and routes that have no row here."""
    found, doubts = [], []
    for address, name in routes():
        model = next((model for model in MODELS if name.startswith(f"{model}_")), None)
        page = PAGES.get(name) or (MODELS[model] if model else None)
        if page is not None:
            found += [(address, name, one) for one in (page, *ALSO.get(name, ()))]
        elif name not in WITHOUT_ROWS:
            doubts.append(f"admin {address}: no row in healthcare/probe/admin_pages.py")
    return found, doubts


def sign_in(world: World, role: Role, chosen: House) -> str:
    """The cookie of a person of house a who chose (or claims to have chosen) that clinic."""
    client = Client()
    with on_platform():
        client.force_login(world.a.people[role].user, backend="accounts.authentication.AdminLogin")
        key = client.cookies[settings.SESSION_COOKIE_NAME].value
        store = SessionStore(session_key=key)
        store[CHOSEN] = str(chosen.clinic.id)
        store.save()
    world.sessions.append(key)
    return f"{settings.SESSION_COOKIE_NAME}={key}"


def cells(world: World, role: Role, page: tuple[str, str, Page], cookies: dict[str, str]) -> Iterator[Cell]:
    address, name, row = page
    takes = "<" in address or row.form
    for which in ("own", "sibling", *GONE) if takes and row.kind else ("own",):
        for chosen, cookie in cookies.items():
            if chosen == "forged" and which not in ("own", "foreign"):
                continue
            yield _cell(world, role, address, name, row, which, chosen, cookie)


def _cell(world: World, role: Role, address: str, name: str, row: Page, which: str, chosen: str, cookie: str) -> Cell:
    value = _id(world, role, row.kind, which)
    path = (
        "/".join(value if "<" in part else part for part in address.split("/"))
        if "(?P" not in address
        else "/admin/appointments/"
    )
    form = {field: _filled(world, role, row.kind, which, text) for field, text in row.form.items()}
    is_platform = role in PLATFORM_ROLES
    person = world.a.people[role]
    other = chosen == "forged" and is_platform
    call = Call(row.method, path, (), urlencode(form) if row.method == "POST" else None, (("Cookie", cookie),))
    return Cell(
        operation=f"admin {name or address}",
        role=str(role),
        place="admin page",
        which=f"{which}, {chosen} clinic",
        token="session",
        calls=(call,),
        want=_want(role, row, which, other, name),
        named="b" if other else "a",
        platform=row.platform,
        homes=frozenset("ab") if is_platform else frozenset("a"),
        shows=(PLATFORM if row.platform and is_platform else frozenset()) | (OPENED if row.need in GLASS else frozenset()),
        sent=frozenset({value, str(person.id), str(person.user.first_name), *form.values()} - {""}),
        alike=chosen if which in ELSEWHERE and not (row.platform or other or row.kind == "clinic") else "",
    )


def _filled(world: World, role: Role, kind: str, which: str, text: str) -> str:
    """`@practitioner` is an id: the tried one where it is of the tried kind, one's own else; `=slot` a fact of the filling."""
    name, space, rest = text.partition(" ")
    if not name.startswith("@"):
        return text
    fact = str(world.a.facts[rest[1:]]) if rest.startswith("=") else rest
    return _id(world, role, name[1:], which if name[1:] == kind else "own") + space + fact


def _id(world: World, role: Role, kind: str, which: str) -> str:
    if which == "malformed":
        return "not-an-id"
    if which == "unknown":
        return world.a.ids.get(kind, {}).get("unknown") or str(new_id())
    return (world.b if which == "foreign" else world.a).id_of(kind, "own" if which == "foreign" else which, role)


def _want(role: Role, row: Page, which: str, other: bool, name: str) -> frozenset[int]:
    counted = frozenset({role} if not row.platform or row.of_a_clinic or role in PLATFORM_ROLES else ())
    allowed = role in STAFF_ROLES if row.need == STAFF else row.need != NOBODY and bool(reach(row.need, counted))
    if not allowed or name.endswith(("_history", "_delete", "_add")):
        return KEPT | ({200} if allowed and name.startswith(ADDED) else frozenset())
    if name == "choose_clinic":
        mine = which in ("own",) or (which == "foreign" and role in PLATFORM_ROLES)
        return frozenset({302}) if mine else frozenset({404})
    if name == "app_list" or (which != "own" and row.platform):
        return SEEN | KEPT
    if row.method == "GET" and row.kind and which in GONE and name.endswith(("_change",)) and not other:
        return KEPT
    return SEEN | ({403, 404} if which != "own" or other else {403} if name == "autocomplete" else frozenset())
