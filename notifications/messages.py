"""What are people told, by which ways, and may they decline? One row a message; its words: templates/notifications/<code>."""

from typing import NamedTuple


class MessageKind(NamedTuple):
    """`channels` in the order they are tried; `needs_live` drops it once its appointment no longer holds its time."""

    code: str
    channels: tuple[str, ...]
    purpose: str
    calendar: str = ""  # the iCalendar method of the attachment, if it has one
    needs_live: bool = True
    may_be_declined: bool = False


MESSAGES = (
    MessageKind("appointment_booked", ("email",), "confirms a booking", calendar="PUBLISH"),
    MessageKind("appointment_moved", ("email",), "says the new time", calendar="PUBLISH"),
    MessageKind("appointment_cancelled", ("email",), "says that nobody is expected", calendar="CANCEL", needs_live=False),
)
BY_CODE = {kind.code: kind for kind in MESSAGES}


class Channel(NamedTuple):
    """`job` sends one delivery on this channel; `queue` is the job queue that carries it."""

    name: str
    job: str
    queue: str


# To add a channel: a row here, its sender in healthcare/core/delivery, where it finds addresses in contacts.py, its templates.
CHANNELS = (Channel("email", "email.send", "email"),)
BY_NAME = {channel.name: channel for channel in CHANNELS}

LANGUAGES = ("en", "hi")  # in which every message has its words
FALLBACK = "en"


def language_for(*wished: str) -> str:
    """The first wished language that there are words in (`hi-IN` has those of `hi`)."""
    plain = [wish.partition("-")[0].lower() for wish in wished]
    return next((language for language in plain if language in LANGUAGES), FALLBACK)
