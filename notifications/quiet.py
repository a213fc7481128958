"""May this person be disturbed now? Quiet hours on the wall clock of their zone. Pure: no ORM, no clock."""

import datetime as dt
from zoneinfo import ZoneInfo


def until_disturbed(now: dt.datetime, zone: ZoneInfo, begins: dt.time, ends: dt.time) -> dt.timedelta | None:
    """How long until the quiet hours end; None outside them. They span midnight if they end before they begin.

    Counted in UTC from the wall clock's end, so a night that is an hour longer or shorter ends when the clock says.
    """
    local = now.astimezone(zone)
    clock = local.time()
    quiet = begins <= clock < ends if begins <= ends else (clock >= begins or clock < ends)
    if not quiet or begins == ends:
        return None
    return _next(local, zone, ends) - now


def until_hour(now: dt.datetime, zone: ZoneInfo, hour: int) -> dt.timedelta:
    """How long until this hour of the day next begins; nothing while it lasts."""
    local = now.astimezone(zone)
    return dt.timedelta() if local.hour == hour else _next(local, zone, dt.time(hour)) - now


def _next(local: dt.datetime, zone: ZoneInfo, clock: dt.time) -> dt.datetime:
    """The next instant at which the wall clock shows `clock`, in UTC; on the night that skips it, when it jumps past."""
    day = local.date() if local.time() < clock else local.date() + dt.timedelta(days=1)
    return dt.datetime.combine(day, clock, zone).astimezone(dt.UTC)
