"""What does the clinic say of messages? When it reminds, and when nobody is disturbed who chose no hours of their own."""

import datetime as dt
from typing import NamedTuple

from clinics.models import Clinic
from clinics.settings_of import NotificationPolicy, settings_of

QUIET = (dt.time(21), dt.time(8))  # where neither person nor clinic says anything
NEAR = 3  # place in line at which people are told that their turn is near


class Policy(NamedTuple):
    reminders_minutes: tuple[int, ...]
    quiet_from: dt.time
    quiet_until: dt.time


def policy_of(clinic: Clinic | None) -> Policy:
    """Of a clinic, or of the platform."""
    told = settings_of(clinic).notifications if clinic else NotificationPolicy()
    if told.quiet_from is None or told.quiet_until is None:
        return Policy(told.reminders_minutes, *QUIET)
    return Policy(told.reminders_minutes, told.quiet_from, told.quiet_until)
