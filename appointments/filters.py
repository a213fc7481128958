"""Which appointments or doctors are asked for? The query strings of the lists: their shape and what each part narrows."""

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

from rest_framework import serializers

from appointments.models import AppointmentQuerySet
from appointments.models.practitioner import PractitionerQuerySet
from appointments.slots import local_days
from appointments.workflow import State
from healthcare.core.shapes import Query

FOR_WHOM = "Only times that this patient could have; left out: who asks, if they book for themself."


class AppointmentQuery(Query):
    state = serializers.ChoiceField(choices=[(s.value, s.value) for s in State], required=False)
    practitioner = serializers.UUIDField(required=False)
    to = serializers.DateField(required=False, help_text="Last day, included, in the clinic's zone.")

    def get_fields(self) -> dict[str, Any]:
        first = serializers.DateField(required=False, help_text="First day, in the clinic's zone.")
        return {**super().get_fields(), "from": first}  # `from` can't be an attribute


class DoctorQuery(Query):
    kind = serializers.CharField(max_length=40, required=False)
    speciality = serializers.CharField(max_length=60, required=False, help_text="Exact, but for upper and lower case.")
    location = serializers.UUIDField(required=False)


class AvailabilityQuery(Query):
    date = serializers.DateField(required=False, help_text="First day; left out: today in the location's zone.")
    days = serializers.IntegerField(min_value=1, max_value=31, default=7)
    kind = serializers.CharField(max_length=40, required=False, help_text="Left out: the first that the doctor offers.")
    location = serializers.UUIDField(required=False)
    patient = serializers.UUIDField(required=False, help_text=FOR_WHOM)


class FreeQuery(Query):
    kind = serializers.CharField(max_length=40)
    date = serializers.DateField(required=False, help_text="First day; left out: today in the clinic's zone.")
    days = serializers.IntegerField(min_value=1, max_value=7, default=1)
    speciality = serializers.CharField(max_length=60, required=False, help_text="Exact, but for upper and lower case.")
    location = serializers.UUIDField(required=False)
    patient = serializers.UUIDField(required=False, help_text=FOR_WHOM)


def narrow_appointments(rows: AppointmentQuerySet, asked: dict[str, Any], zone: ZoneInfo) -> AppointmentQuerySet:
    if "state" in asked:
        rows = rows.filter(state=asked["state"])
    if "practitioner" in asked:
        rows = rows.filter(practitioner=asked["practitioner"])
    if "from" in asked:
        rows = rows.filter(starts_at__gte=_midnight(asked["from"], zone))
    if "to" in asked:
        rows = rows.filter(starts_at__lt=_midnight(min(asked["to"], dt.date(2199, 12, 30)) + dt.timedelta(days=1), zone))
    return rows


def narrow_doctors(rows: PractitionerQuerySet, asked: dict[str, Any]) -> PractitionerQuerySet:
    if "kind" in asked:
        rows = rows.offering(asked["kind"])
    if "speciality" in asked:
        rows = rows.filter(speciality__iexact=asked["speciality"])
    if "location" in asked:
        rows = rows.filter(location_id=asked["location"])
    return rows


def _midnight(day: dt.date, zone: ZoneInfo) -> dt.datetime:
    return local_days(min(max(day, dt.date(1900, 1, 2)), dt.date(2199, 12, 31)), 0, zone).start
