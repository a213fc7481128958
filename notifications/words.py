"""In which words is it said? Templates by message, form and language: templates/notifications/<message>/<form>/<language>."""

from typing import NamedTuple

from django.template import Context
from django.template.loader import get_template

from notifications.facts import Facts
from notifications.models import Notification

SUPERSEDED = "superseded"


class Words(NamedTuple):
    title: str
    text: str


def of_mail(notification: Notification, facts: Facts, name: str) -> Words:
    """Subject and plain text."""
    title, _, text = _plain(notification.message, "email.txt", notification.language, facts, name).partition("\n")
    return Words(title.strip(), text.strip() + "\n")


def of_mail_as_html(notification: Notification, facts: Facts, name: str) -> str:
    template = get_template(f"notifications/{notification.message}/email.html/{notification.language}")
    return template.render({**facts.words(notification.language), "name": name, "language": notification.language})


def in_short(notification: Notification, facts: Facts) -> Words:
    """What the ledger shows its owner; what is no longer so says that, not the present time."""
    title = of_mail(notification, facts, "").title
    message = SUPERSEDED if facts.told_version > (notification.appointment_version or 0) else notification.message
    return Words(title, _plain(message, "sms.txt", notification.language, facts, "").strip())


def _plain(message: str, form: str, language: str, facts: Facts, name: str) -> str:
    template = get_template(f"notifications/{message}/{form}/{language}").template  # type: ignore[attr-defined]
    return str(template.render(Context({**facts.words(language), "name": name}, autoescape=False)))
