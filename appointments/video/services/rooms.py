"""How do patient and practitioner come together? The patient asks, the practitioner lets them in; both only around the time."""

import datetime as dt
import secrets
from typing import NamedTuple
from uuid import UUID

from django.db import transaction

from appointments.models import Appointment
from appointments.plugins.registry import hooks_of
from appointments.services.locked import locked
from appointments.video.events import VideoEnded, VideoIssueReported, VideoPatientAdmitted, VideoPatientWaits
from appointments.video.models import VideoIssue, VideoRoom
from appointments.video.services import tokens
from appointments.workflow import State
from healthcare.core.errors import Forbidden, Reason, Refused
from healthcare.core.events import publish

OPENS = dt.timedelta(minutes=15)  # before the start
CLOSES = dt.timedelta(minutes=30)  # after the end
TOKEN = dt.timedelta(minutes=10)  # to join; who was cut off asks again
MEETING = (State.SCHEDULED, State.CONFIRMED, State.CHECKED_IN, State.WAITING, State.IN_PROGRESS, State.ON_HOLD)
ISSUES = 20  # of one appointment


class NotByVideo(Refused):
    code = "not_by_video"
    detail = "This appointment is not by video."


class NotNow(Refused):
    code = "not_now"
    detail = "The room is open around the time of the appointment only."


class NobodyWaits(Refused):
    code = "nobody_waits"
    detail = "The patient is not in the waiting room."


class MeetingOver(Refused):
    code = "meeting_over"
    detail = "This meeting was ended."


class TooManyIssues(Refused):
    code = "too_many_issues"
    detail = "Enough was reported of this meeting; call the clinic."


class Joined(NamedTuple):
    """`token` and `url` are empty while the patient waits."""

    room: VideoRoom
    role: str  # host | guest
    url: str = ""
    token: str = ""
    expires_at: dt.datetime | None = None


@transaction.atomic
def join(*, appointment: Appointment, by: UUID, now: dt.datetime) -> Joined:
    """Into the room; the patient first into the waiting room. Raises NotByVideo, NotNow, MeetingOver, NoVideo, Forbidden."""
    room, row = _opened(appointment, now)
    if row.practitioner.user_id == by:
        if room.host_joined_at is None:
            room.host_joined_at = now
            room.save(update_fields=["host_joined_at"])
        return _let_in(room, row, by, now, name=str(row.practitioner), is_host=True)
    if row.patient.user_id != by:
        raise Forbidden("Only the two who meet may join.")
    if room.admitted_at is not None:
        return _let_in(room, row, by, now, name="Patient", is_host=False)
    if room.asked_at is None:
        room.asked_at = now
        room.save(update_fields=["asked_at"])
        publish(VideoPatientWaits(appointment_id=row.id))
    return Joined(room, "guest")


@transaction.atomic
def admit(*, appointment: Appointment, by: UUID, now: dt.datetime) -> VideoRoom:
    """Let the patient in. Twice is once. Raises NobodyWaits, and as `join` does."""
    room, row = _opened(appointment, now)
    if room.asked_at is None:
        raise NobodyWaits
    if room.admitted_at is None:
        room.admitted_at, room.admitted_by = now, by
        room.save(update_fields=["admitted_at", "admitted_by"])
        publish(VideoPatientAdmitted(appointment_id=row.id))
    return room


@transaction.atomic
def end(*, appointment: Appointment, by: UUID, now: dt.datetime) -> VideoRoom:
    """Nobody is let in any more; who is inside leaves by the video server's own means. Raises as `join` does."""
    room, row = _opened(appointment, now)
    room.ended_at = now
    room.save(update_fields=["ended_at"])
    publish(VideoEnded(appointment_id=row.id))
    return room


@transaction.atomic
def report(*, appointment: Appointment, what: str, words: str, by: UUID, now: dt.datetime) -> VideoIssue:
    """Keep what somebody says went wrong, also after the meeting. Raises NotByVideo, TooManyIssues."""
    row = locked(appointment)
    _by_video(row)
    room = _room_of(row)
    if room.issues.count() >= ISSUES:
        raise TooManyIssues
    issue = VideoIssue(room=room, what=what, words=words, reported_by=by, at=now)
    issue.save(force_insert=True)
    publish(VideoIssueReported(appointment_id=row.id, issue_id=issue.id, what=what))
    return issue


def _opened(appointment: Appointment, now: dt.datetime) -> tuple[VideoRoom, Appointment]:
    """The room under the appointment's lock. Raises NotByVideo, NotNow, MeetingOver."""
    row = locked(appointment)
    _by_video(row)
    opens, closes = row.starts_at - OPENS, row.ends_at + CLOSES
    if row.state not in MEETING:
        raise NotNow(reasons=[Reason(NotNow.code, f"The appointment is {row.state}.")])
    if not opens <= now < closes:
        at = {"from_at": opens.astimezone(row.zone), "until_at": closes.astimezone(row.zone)}
        raise NotNow(reasons=[Reason(NotNow.code, "The room is open from {from_at} to {until_at} ({zone}).", at, now)])
    room = _room_of(row)
    if room.ended_at is not None:
        raise MeetingOver
    return room, row


def _by_video(row: Appointment) -> None:
    if not hooks_of(row.kind).by_video:
        raise NotByVideo


def _room_of(row: Appointment) -> VideoRoom:
    """Made at the first need; the appointment's lock is held, so nobody else makes it."""
    room = VideoRoom.objects.filter(appointment=row).first()
    if room is None:
        room = VideoRoom(appointment=row, name=secrets.token_hex(16))
        room.save(force_insert=True)
    return room


def _let_in(room: VideoRoom, row: Appointment, by: UUID, now: dt.datetime, *, name: str, is_host: bool) -> Joined:
    until = min(now + TOKEN, row.ends_at + CLOSES)
    made = tokens.token(room=room.name, user_id=by, name=name, is_host=is_host, now=now, until=until)
    return Joined(room, "host" if is_host else "guest", tokens.address(room.name), made, until)
