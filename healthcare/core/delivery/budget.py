"""How many codes may go out, so that nobody earns by having us send them? (SMS pumping: codes asked for to numbers that pay)

Counted for each channel that costs: in all and for each prefix of numbers, a day; and where many codes go to a prefix and
hardly any comes back, no more go there for the rest of the day. Reminders to known people are not codes: they are not counted.
"""

import phonenumbers
from django.conf import settings

from healthcare.core import throttles
from healthcare.core.delivery.base import Undeliverable
from healthcare.core.errors import TooMany
from healthcare.core.throttles import Limit

COSTLY = frozenset({"sms", "whatsapp"})
DAY = 24 * 3600
DIGITS = 3  # of the national number: about what one operator's range has in common
DOUBT_FROM = 50  # codes to a prefix a day, before the share that came back is looked at
LEAST_SHARE = 0.2


class OverBudget(Undeliverable):
    """Not sent, to save money: another channel may do."""


def spend(channel: str, number: str) -> None:
    """Count a code that is about to go to `number` (E.164). Raises OverBudget."""
    if channel not in COSTLY:
        return
    where = prefix(number)
    try:
        throttles.hit(Limit("codes_prefix", settings.CODES_PER_PREFIX, DAY), f"{channel}:{where}")
        throttles.hit(Limit("codes_day", settings.CODES_PER_DAY, DAY), channel)
    except TooMany:
        raise OverBudget("over_budget") from None
    sent = throttles.count(Limit("codes_sent", 0, DAY), where)
    if sent > DOUBT_FROM and throttles.count(Limit("codes_back", 0, DAY), where, by=0) < sent * LEAST_SHARE:
        raise OverBudget("over_budget_unanswered")


def came_back(channel: str, number: str) -> None:
    """A code that went to `number` was used."""
    if channel in COSTLY:
        throttles.count(Limit("codes_back", 0, DAY), prefix(number))


def prefix(number: str) -> str:
    """`+9198123…` → `+91981`."""
    parsed = phonenumbers.parse(number)
    return f"+{parsed.country_code}{str(parsed.national_number)[:DIGITS]}"
