"""What are people told, by which ways, and may they decline? One row a message; its words: templates/notifications/<code>."""

from typing import NamedTuple


class MessageKind(NamedTuple):
    """`channels` in the order they are tried; `needs_live` drops it once its appointment no longer holds its time.

    An `urgent` one is sent in quiet hours too; one that `may_wait` goes out at the hour at which the person reads.
    `params` are the words of a provider's own template (WhatsApp), in the order of its places.
    """

    code: str
    channels: tuple[str, ...]
    purpose: str
    calendar: str = ""  # the iCalendar method of the attachment, if it has one
    needs_live: bool = False
    may_be_declined: bool = False
    urgent: bool = False
    may_wait: bool = False
    params: tuple[str, ...] = ()


_USUAL = ("email", "whatsapp", "sms", "push")
_AT_ONCE = ("push", "whatsapp", "sms", "email")
_SECURITY = ("email", "sms", "whatsapp", "push")
_FACTS = ("clinic", "when", "zone", "practitioner")
_K = MessageKind

MESSAGES = (
    # about an appointment
    _K("appointment_booked", _USUAL, "confirms a booking", calendar="PUBLISH", needs_live=True, params=_FACTS),
    _K("appointment_moved", _USUAL, "says the new time", calendar="PUBLISH", needs_live=True, urgent=True, params=_FACTS),
    _K("appointment_cancelled", _USUAL, "says that nobody is expected", calendar="CANCEL", urgent=True, params=_FACTS),
    _K("appointment_reminder", _AT_ONCE, "reminds", needs_live=True, may_be_declined=True, params=_FACTS),
    _K(
        "turn_near",
        _AT_ONCE,
        "calls to the waiting room",
        may_be_declined=True,
        urgent=True,
        params=("number", "place_in_line"),
    ),
    _K(
        "follow_up_due",
        _USUAL,
        "invites to the follow-up",
        may_be_declined=True,
        may_wait=True,
        params=("clinic", "practitioner"),
    ),
    _K("waitlist_offer", _AT_ONCE, "offers a freed time", may_be_declined=True, urgent=True, params=("offered", "until")),
    # money
    _K("payment_received", _USUAL, "acknowledges a payment", params=("clinic", "amount", "receipt")),
    _K("payment_refunded", _USUAL, "announces a refund", params=("clinic", "amount", "receipt")),
    # a record
    _K("chart_opened", _USUAL, "tells the patient of an emergency access", params=("clinic", "at")),
    _K("review_owed", _SECURITY, "asks for the review of an emergency access", urgent=True, params=("clinic", "at")),
    # an account
    _K("new_sign_in", _SECURITY, "tells of a sign-in on a new device", urgent=True, params=("device", "at")),
    _K("password_changed", _SECURITY, "tells of a new password", urgent=True, params=("at",)),
    _K("mfa_changed", _SECURITY, "tells of a changed second step", urgent=True, params=("at",)),
    # the installation
    _K("job_died", _SECURITY, "asks operators for a decision", urgent=True, params=("queue", "job", "at")),
    _K("webhook_stopped", _USUAL, "tells a clinic's administrators of a deaf webhook", params=("host", "at")),
)
BY_CODE = {kind.code: kind for kind in MESSAGES}


class Channel(NamedTuple):
    """`job` sends one delivery on this channel; `queue` is the job queue that carries it. `disturbs`: it makes a phone ring."""

    name: str
    job: str
    queue: str
    disturbs: bool = True


# To add a channel: a row here, its sender in healthcare/core/delivery, where it finds addresses in contacts.py, its words.
CHANNELS = (
    Channel("email", "email.send", "email", disturbs=False),
    Channel("sms", "sms.send", "notification"),
    Channel("whatsapp", "whatsapp.send", "notification"),
    Channel("push", "push.send", "notification"),
)
BY_NAME = {channel.name: channel for channel in CHANNELS}
