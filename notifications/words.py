"""In which words is it said? Templates by message, form and language: templates/notifications/<message>/<form>/<language>."""

from typing import Any, NamedTuple

from django.template import Context
from django.template.loader import get_template

from healthcare.core.delivery import Template
from healthcare.core.languages import direction
from notifications.facts import Facts
from notifications.messages import BY_CODE

SUPERSEDED = "superseded"


class Words(NamedTuple):
    title: str
    text: str


def of_mail(entry: Any, facts: Facts, name: str, stop: str = "") -> Words:
    """Subject and plain text. `stop` is the address that ends such messages, if they may end."""
    title, _, text = _plain(entry.message, "email.txt", entry.language, facts, name, stop).partition("\n")
    return Words(title.strip(), text.strip() + "\n")


def of_mail_as_html(entry: Any, facts: Facts, name: str, stop: str = "") -> str:
    template = get_template(f"notifications/{entry.message}/email.html/{entry.language}")
    more = {"name": name, "language": entry.language, "direction": direction(entry.language), "stop": stop}
    return template.render({**facts.words(entry.language), **more})


def in_short(entry: Any, facts: Facts) -> Words:
    """What text messages say, and what the ledger shows its owner; what is no longer so says that, not the present time."""
    title = of_mail(entry, facts, "").title
    message = SUPERSEDED if facts.superseded(entry) else entry.message
    return Words(title, _plain(message, "sms.txt", entry.language, facts, "").strip())


def of_template(entry: Any, facts: Facts) -> Template:
    """The provider's own template of this name; its places are the row's `params`."""
    said = facts.words(entry.language)
    return Template(entry.message, tuple(str(said.get(name, "")) for name in BY_CODE[entry.message].params))


def _plain(message: str, form: str, language: str, facts: Facts, name: str, stop: str = "") -> str:
    template = get_template(f"notifications/{message}/{form}/{language}").template  # type: ignore[attr-defined]
    return str(template.render(Context({**facts.words(language), "name": name, "stop": stop}, autoescape=False)))
