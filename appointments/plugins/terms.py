"""On which terms is a kind offered by a practitioner? One precedence, for all of them:

    the practitioner's own columns > what the clinic says of this kind > what it says of all kinds > the kind's own values

A price has no practitioner's part, nor have length and buffer where the kind has `own_time`. The clinic's words are its
settings (`clinics.settings_of`).
"""

import datetime as dt
from decimal import Decimal

from appointments.models import Practitioner
from appointments.plugins.base import Kind
from appointments.slots import Terms
from clinics.settings_of import KindTerms, settings_here


def terms_of(kind: Kind, practitioner: Practitioner, clinic: KindTerms | None = None) -> Terms:
    """`clinic` is what a clinic says of the kind; left out: the current one."""
    clinic = settings_here().for_kind(kind.code) if clinic is None else clinic
    slot, pause = (None, None) if kind.own_time else (practitioner.slot_minutes, practitioner.buffer_minutes)
    own_length = _first(slot, clinic.length_minutes)
    length = _minutes(own_length, kind.length)
    days = _first(practitioner.horizon_days, clinic.horizon_days)
    return Terms(
        length=length,
        step=kind.step if own_length is None else length,
        buffer_before=kind.setup,
        buffer_after=_minutes(_first(pause, clinic.buffer_minutes), kind.buffer),
        notice=_minutes(_first(practitioner.notice_minutes, clinic.notice_minutes), kind.notice),
        horizon=kind.horizon if days is None else dt.timedelta(days=days),
    )


def usual_length(kind: Kind) -> dt.timedelta:
    """How long it takes here, whoever performs it."""
    return _minutes(settings_here().for_kind(kind.code).length_minutes, kind.length)


def price_of(kind: Kind) -> Decimal | None:
    """What it costs here, in the clinic's currency; None: not stated."""
    own = settings_here().for_kind(kind.code).price
    return kind.price if own is None else own


def is_offered(kind: Kind, practitioner: Practitioner) -> bool:
    """Whether the clinic offers it and the practitioner performs it."""
    return settings_here().offers(kind.code) and kind.performed_by(practitioner)


def _minutes(own: int | None, kinds: dt.timedelta) -> dt.timedelta:
    return kinds if own is None else dt.timedelta(minutes=own)


def _first(*values: int | None) -> int | None:
    return next((value for value in values if value is not None), None)
