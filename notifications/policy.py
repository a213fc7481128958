"""What does the clinic say of messages? When it reminds, and when nobody is disturbed who chose no hours of their own."""

import datetime as dt
from typing import NamedTuple

from clinics.models import Clinic

REMINDERS = (24 * 60, 2 * 60)  # minutes before the appointment
QUIET = (dt.time(21), dt.time(8))
NEAR = 3  # place in line at which people are told that their turn is near


class Policy(NamedTuple):
    reminders_minutes: tuple[int, ...]
    quiet_from: dt.time
    quiet_until: dt.time


def policy_of(clinic: Clinic | None) -> Policy:
    return Policy(REMINDERS, *QUIET)
