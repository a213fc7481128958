"""How does a check-up go from station to station? Rows in order; one at a time; the visit is over when the last one is."""

import datetime as dt
from uuid import UUID

from django.db import transaction

from appointments.events import StationPassed
from appointments.models import Appointment, Station
from appointments.plugins.registry import hooks_of
from appointments.workflow import HOLDS_TIME, State
from healthcare.core.errors import NotFound, Reason, Refused
from healthcare.core.events import publish

OPEN = (Station.State.PLANNED, Station.State.RUNNING)


class WrongStation(Refused):
    code = "wrong_station"
    detail = "The stations are passed in order, one at a time, while the patient is here."


@transaction.atomic
def lay_out(*, appointment_id: UUID) -> None:
    """The stations of a check-up that is agreed; none of one that is off. May run twice: what has begun stays."""
    row = Appointment.objects.select_for_update(no_key=True).filter(pk=appointment_id).first()
    if row is None:
        return
    if row.state not in HOLDS_TIME:
        row.stations.filter(state=Station.State.PLANNED).delete()
        return
    if row.stations.exists():
        return
    for place, stop in enumerate(hooks_of(row.kind).stations, start=1):
        Station(appointment=row, place=place, code=stop.code, name=stop.name, minutes=stop.minutes).save(force_insert=True)


@transaction.atomic
def pass_on(*, appointment: Appointment, station_id: UUID, verb: str, by: UUID | None, now: dt.datetime) -> Station:
    """`start`, `finish` or `skip` one station. Raises WrongStation, NotFound."""
    row = Appointment.objects.select_for_update(no_key=True).get(pk=appointment.pk)
    stations = list(row.stations.order_by("place"))
    one = next((station for station in stations if station.pk == station_id), None)
    if one is None:
        raise NotFound
    first_open = next((station for station in stations if station.state in OPEN), None)
    wanted = Station.State.RUNNING if verb == "finish" else Station.State.PLANNED
    fits = one.state == wanted or (verb == "skip" and one.state == Station.State.RUNNING)
    if row.state != State.IN_PROGRESS or one is not first_open or not fits:
        at = "no station" if first_open is None else f"{first_open.code} ({first_open.state})"
        raise WrongStation(reasons=[Reason(WrongStation.code, f"The visit is {row.state}, at {at}.")])
    if verb == "start":
        one.state, one.began_at = Station.State.RUNNING, now
    else:
        one.state, one.ended_at = Station.State.DONE if verb == "finish" else Station.State.SKIPPED, now
    one.by = by
    one.save(update_fields=["state", "began_at", "ended_at", "by"])
    publish(StationPassed(appointment_id=row.id, station_id=one.id, state=one.state))
    return one
