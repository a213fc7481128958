"""On which terms is a kind offered by a practitioner? The practitioner's own columns win over the kind's values."""

import datetime as dt

from appointments.models import Practitioner
from appointments.plugins.base import Kind
from appointments.slots import Terms


def terms_of(kind: Kind, practitioner: Practitioner) -> Terms:
    length = _minutes(practitioner.slot_minutes, kind.length)
    return Terms(
        length=length,
        step=kind.step if practitioner.slot_minutes is None else length,
        buffer_before=kind.setup,
        buffer_after=_minutes(practitioner.buffer_minutes, kind.buffer),
        notice=_minutes(practitioner.notice_minutes, kind.notice),
        horizon=kind.horizon if practitioner.horizon_days is None else dt.timedelta(days=practitioner.horizon_days),
    )


def _minutes(own: int | None, kinds: dt.timedelta) -> dt.timedelta:
    return kinds if own is None else dt.timedelta(minutes=own)
