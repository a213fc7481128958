"""How is an instant said to people? On the wall clock of its place: "Fri 27 November, 10:00"; programs get the instant."""

import datetime as dt
import re
from collections.abc import Mapping
from zoneinfo import ZoneInfo

from django.utils import translation
from django.utils.dateformat import format as formatted

PLACE = re.compile(r"\{(\w+)\}")
ZONE = "{zone}"


def filled(words: str, instants: Mapping[str, dt.datetime], now: dt.datetime | None) -> str:
    """The sentence with each `{name}` replaced by the instant of that name, on the clock of the instant's own zone.

    The day is said where it differs from the one said before, the year where it is not that of `now`, the zone's name where
    the hour alone would mislead (`_misleads`), or where the words have a `{zone}`: of the instant before it. A place without an
    instant stays as it is.
    """
    said: dt.datetime | None = None

    def one(place: re.Match[str]) -> str:
        nonlocal said
        if place[0] == ZONE and said:
            return zone_name(said)
        if (local := instants.get(place[1])) is None:
            return place[0]
        day = "" if said and said.date() == local.date() else "D j F, " if _is_this_year(local, now) else "D j F Y, "
        said = local
        return formatted(local, f"{day}H:i") + (f" {zone_name(local)}" if ZONE not in words and _misleads(local) else "")

    with translation.override("en"):  # as the words around it
        return PLACE.sub(one, words)


def zone_name(local: dt.datetime) -> str:
    """`IST`, `CEST`; where a zone has no letters, `UTC+05:45`."""
    name = local.tzname() or "UTC"
    return name if name[0].isalpha() else f"UTC{local:%z}"[:6] + ":" + f"{local:%z}"[3:]


def _is_this_year(local: dt.datetime, now: dt.datetime | None) -> bool:
    return now is None or now.astimezone(local.tzinfo).year == local.year


def _misleads(local: dt.datetime) -> bool:
    """The hour comes twice this night, or the place's clock is not the clinic's."""
    from healthcare.core.tenancy import clinic_or_none  # which has refusals of its own, so it stands above this

    if local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset():
        return True
    clinic = clinic_or_none()
    return clinic is not None and local.astimezone(ZoneInfo(clinic.zone)).utcoffset() != local.utcoffset()
