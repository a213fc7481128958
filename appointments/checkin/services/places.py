"""Is the patient here, by what their phone says of its place? Honest about accuracy: a guess is not taken for a fact."""

import datetime as dt
from math import asin, cos, radians, sin, sqrt
from typing import NamedTuple
from uuid import UUID

from django.conf import settings
from django.db import transaction

from appointments.checkin.models import Arrival
from appointments.checkin.services.arriving import arrive
from appointments.models import Appointment
from clinics.models import Location
from healthcare.core.errors import Reason, Refused

EARTH = 6_371_009  # metres, mean radius


class NotHere(Refused):
    code = "not_here"
    detail = "You are not at the clinic yet; check in when you are here, or at the desk."


class TooInaccurate(Refused):
    code = "too_inaccurate"
    detail = "Your phone does not know its place well enough; go outside for a moment, or check in at the desk."


class NoPlaceKnown(Refused):
    code = "no_place_known"
    detail = "The clinic has not said where it is; check in at the desk."


class Position(NamedTuple):
    """Degrees (WGS 84), and the radius in metres within which the phone is with 68 % (as browsers and phones state it)."""

    latitude: float
    longitude: float
    accuracy: float


@transaction.atomic
def here(*, appointment: Appointment, position: Position, by: UUID, now: dt.datetime) -> Appointment:
    """Check in by place. Raises NotHere, TooInaccurate, NoPlaceKnown, and as `arriving.arrive` does. Keeps no coordinates."""
    place = Location.objects.filter(pk=appointment.location_id).first()
    if place is None or place.latitude is None or place.longitude is None:
        raise NoPlaceKnown
    judge(metres(position, float(place.latitude), float(place.longitude)), position.accuracy, settings.CHECK_IN_RADIUS)
    return arrive(appointment=appointment, way=Arrival.Way.PLACE, by=by, now=now)


def judge(distance: float, accuracy: float, radius: float) -> None:
    """Here is who is within the radius for certain; who may be inside or outside is asked to be more certain."""
    if distance - accuracy > radius:
        raise NotHere
    if distance + accuracy > radius:
        told = f"The place is known to {accuracy:.0f} m; {radius:.0f} m around the clinic count."
        raise TooInaccurate(reasons=[Reason(TooInaccurate.code, told)])


def metres(position: Position, latitude: float, longitude: float) -> float:
    """Along the great circle (haversine)."""
    phi, other = radians(position.latitude), radians(latitude)
    turn = radians(longitude - position.longitude)
    chord = sin((other - phi) / 2) ** 2 + cos(phi) * cos(other) * sin(turn / 2) ** 2
    return 2 * EARTH * asin(sqrt(min(1.0, chord)))
