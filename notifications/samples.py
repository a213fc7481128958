"""How would a message look? Made-up facts for the admin's preview and the tests; nobody's data."""

import datetime as dt
from types import SimpleNamespace
from typing import Any

from notifications import facts, words
from notifications.messages import BY_CODE

SAID = {
    "number": "A-017",
    "place_in_line": "3",
    "follow": "https://clinic.example/wait/sample",
    "practitioner": "Dr Ada Marsh",
    "amount": "INR 750.00",
    "receipt": "2026-000017",
    "device": "Firefox on Windows",
    "queue": "email",
    "job": "email.send",
    "host": "integrator.example",
}
STOP = "https://clinic.example/stop"
INSTANTS = ("at", "offered", "until")


def sample(message: str, language: str, clinic: Any, now: dt.datetime) -> tuple[Any, facts.Facts]:
    """An unsaved entry and the facts it speaks of."""
    kind = BY_CODE[message]
    appointment: Any = SimpleNamespace(starts_at=now, ends_at=now, practitioner="Dr Ada Marsh", state="scheduled", id="sample")
    spoken_of = appointment if kind.needs_live or kind.calendar else None
    entry = SimpleNamespace(message=message, language=language, appointment_version=1, pk="sample", id="sample")
    return entry, facts.Facts(clinic, spoken_of, None, 1, SAID | dict.fromkeys(INSTANTS, now))


def rendered(message: str, language: str, clinic: Any, now: dt.datetime) -> dict[str, str]:
    """Every form of the message: subject, text, html, short."""
    entry, known = sample(message, language, clinic, now)
    stop = STOP if BY_CODE[message].may_be_declined else ""
    mail, html = words.of_mail(entry, known, "Asha", stop), words.of_mail_as_html(entry, known, "Asha", stop)
    return {"subject": mail.title, "text": mail.text, "html": html, "short": words.in_short(entry, known).text}
