"""How does a test get one row of each audited model of the small apps beside the appointments?"""

import datetime as dt
from decimal import Decimal
from typing import Any

from monitoring.trail.tests import rows

LATER = dt.datetime(2026, 3, 2, 10, 0, tzinfo=dt.UTC)


def account() -> Any:
    from appointments.payments.models import GatewayAccount

    return GatewayAccount(provider="stripe", secret_key="headache", webhook_secret="headache")


def bill() -> Any:
    from appointments.payments.models import Bill

    return Bill(appointment=rows.saved(rows.appointment()), price=Decimal(10), currency="USD")


def payment() -> Any:
    from appointments.payments.models import Payment

    return Payment(bill=rows.saved(bill()), amount=Decimal(5), method="online", state="opening", provider="stripe")


def refund() -> Any:
    from appointments.payments.models import Refund

    return Refund(payment=rows.saved(payment()), amount=Decimal(1), state="owed", why="goodwill")


def receipt() -> Any:
    from appointments.payments.models import Receipt

    return Receipt(year=2026, serial=1, payment=rows.saved(payment()), issued_at=rows.NOW)


def feed() -> Any:
    from appointments.calendars.models import CalendarFeed

    return CalendarFeed(user_id=rows.NOW_ID, digest=rows.new_id().bytes, name="headache")


def target() -> Any:
    from appointments.calendars.models import CalendarTarget

    return CalendarTarget(practitioner=rows.saved(rows.practitioner()), url="https://headache.example", password="Okonkwo")


def arrival() -> Any:
    from appointments.checkin.models import Arrival

    return Arrival(appointment=rows.saved(rows.appointment()), way="place", at=rows.NOW)


def kiosk() -> Any:
    from appointments.checkin.models import Kiosk

    return Kiosk(display_id=rows.new_id(), allowed_by=rows.NOW_ID, allowed_at=rows.NOW)


def template() -> Any:
    from appointments.courses.models import CourseTemplate

    return CourseTemplate(name=f"Course {rows.new_id()}", phases=[])


def course() -> Any:
    from appointments.courses.models import Course

    made = rows.saved(template())
    return Course(template=made, patient=rows.make.patient(), phases=[], starts_on=rows.NOW.date(), reason="headache")


def sitting() -> Any:
    from appointments.courses.models import Sitting

    return Sitting(course=rows.saved(course()), number=1, phase=0)


def room() -> Any:
    from appointments.video.models import VideoRoom

    return VideoRoom(appointment=rows.saved(rows.appointment()), name=rows.new_id().hex)


def issue() -> Any:
    from appointments.video.models import VideoIssue

    return VideoIssue(room=rows.saved(room()), what="sound", words="headache", reported_by=rows.NOW_ID, at=rows.NOW)


def wish() -> Any:
    from appointments.waitlist.models import Wish

    day = rows.NOW.date()
    return Wish(patient=rows.make.patient(), kind="consultation", from_on=day, until_on=day, joined_at=rows.NOW)


def offer() -> Any:
    from appointments.waitlist.models import Offer, Opening

    held = rows.saved(rows.appointment())
    known = {"practitioner": held.practitioner, "starts_at": held.starts_at, "ends_at": held.ends_at}
    opening = rows.saved(Opening(freed_at=rows.NOW, **known))
    facts = {"wish": rows.saved(wish()), "opening": opening, "appointment": held, "rank": {"points": 60}}
    return Offer(made_at=rows.NOW, expires_at=rows.NOW, **facts)


BESIDE = {
    "calendars.calendarfeed": (feed, "name", "Okonkwo"),
    "calendars.calendartarget": (target, "is_active", False),
    "checkin.arrival": (arrival, "way", "pass_at_desk"),
    "checkin.kiosk": (kiosk, "allowed_at", LATER),
    "courses.coursetemplate": (template, "is_active", False),
    "courses.course": (course, "state", "stuck"),
    "courses.sitting": (sitting, "missed", 1),
    "video.videoroom": (room, "asked_at", LATER),
    "video.videoissue": (issue, "what", "picture"),
    "waitlist.wish": (wish, "urgency", "high"),
    "waitlist.offer": (offer, "state", "declined"),
    "payments.gatewayaccount": (account, "is_active", False),
    "payments.bill": (bill, "price", Decimal(20)),
    "payments.payment": (payment, "state", "lapsed"),
    "payments.refund": (refund, "state", "failed"),
    "payments.receipt": (receipt, "serial", 2),
}
