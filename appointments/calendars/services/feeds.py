"""How does a person's calendar follow their appointments? By an address of its own, which they may take back at any time."""

import datetime as dt
import hashlib
import secrets
from typing import NamedTuple
from uuid import UUID

from django.db import transaction
from django.db.models import Max

from accounts.models import Membership
from appointments.calendars import entries
from appointments.calendars.events import FeedClosed, FeedOpened
from appointments.calendars.models import CalendarFeed
from appointments.models import Appointment
from appointments.workflow import HOLDS_TIME
from healthcare.core import turns
from healthcare.core.errors import NotFound, Refused
from healthcare.core.events import publish
from healthcare.core.ids import as_id
from healthcare.core.tenancy import current_clinic, on_platform

MOST = 5  # of one person
BACK, AHEAD = dt.timedelta(days=30), dt.timedelta(days=400)
ROWS = 1000
CLINIC = 32  # hexadecimal digits of the clinic's id, with which an address begins


class TooManyFeeds(Refused):
    code = "too_many_feeds"
    detail = "You have five calendar addresses already; take one back first."


class Opened(NamedTuple):
    feed: CalendarFeed
    token: str


@transaction.atomic
def open_feed(*, name: str, by: UUID, now: dt.datetime) -> Opened:
    """A new address; its secret is told now and never again. Raises TooManyFeeds."""
    turns.wait(turns.FEEDS, f"{current_clinic().id}:{by}")
    if CalendarFeed.objects.of_person(by).count() >= MOST:
        raise TooManyFeeds
    secret = secrets.token_urlsafe(24)
    row = CalendarFeed(user_id=by, name=name, digest=_digest(secret))
    row.save(force_insert=True)
    publish(FeedOpened(feed_id=row.id))
    return Opened(row, f"{current_clinic().id.hex}{secret}")


@transaction.atomic
def close_feed(*, feed: CalendarFeed, by: UUID, now: dt.datetime) -> None:
    """Whoever reads it finds nothing from now on."""
    publish(FeedClosed(feed_id=feed.id))
    feed.delete()


def clinic_in(token: str) -> UUID | None:
    return as_id(token[:CLINIC]) if len(token) > CLINIC else None


def read(*, token: str, now: dt.datetime) -> bytes:
    """The person's appointments here, as a calendar. Raises NotFound for an address that is not (any more) anybody's."""
    feed = CalendarFeed.objects.filter(digest=_digest(token[CLINIC:])).first()
    if feed is None or not _is_somebody_here(feed.user_id):
        raise NotFound
    return written(user_id=feed.user_id, now=now)


def written(*, user_id: UUID, now: dt.datetime) -> bytes:
    """As it changes only with the appointments, it can be compared by its digest."""
    rows = Appointment.objects.of_person(user_id).filter(state__in=HOLDS_TIME)
    around = rows.filter(ends_at__gt=now - BACK, starts_at__lt=now + AHEAD).annotate(changed_at=Max("transitions__at"))
    shown = [entries.discreet(row, stamp=row.changed_at or row.created_at) for row in around.order_by("starts_at", "id")[:ROWS]]
    return entries.calendar(shown, name=current_clinic().name)


def _is_somebody_here(user_id: UUID) -> bool:
    clinic_id = current_clinic().id
    with on_platform():
        return Membership.objects.current().filter(user=user_id, user__is_active=True, clinic=clinic_id).exists()


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode(errors="replace")).digest()
