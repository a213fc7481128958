"""What do clients send about appointments, and what do they see?"""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from rest_framework import serializers

from accounts.fields import hidden_fields
from accounts.membership import Member
from appointments.models import Appointment, Practitioner, Priority
from appointments.plugins.base import Kind
from appointments.plugins.terms import price_of, usual_length
from appointments.slots import Slot
from appointments.workflow import State
from healthcare.core.errors import INSTANTS, Reason
from healthcare.core.shapes import Strict, Text


class Instant(serializers.DateTimeField):
    """ISO 8601 with an offset, kept as it is: what lies beyond every calendar is refused by the rules, not by the parser."""

    default_error_messages = {"offset": "Say the offset, as in 2026-11-22T10:30:00+01:00."}

    def to_internal_value(self, value: Any) -> dt.datetime:
        if not isinstance(value, str) or len(value) > 40:
            self.fail("invalid", format="YYYY-MM-DDThh:mm[:ss[.uuuuuu]]+hh:mm")
        try:
            instant = dt.datetime.fromisoformat(value.upper())
        except ValueError:
            self.fail("invalid", format="YYYY-MM-DDThh:mm[:ss[.uuuuuu]]+hh:mm")
        if instant.tzinfo is None:
            self.fail("offset")
        return instant


STRATEGIES = ("reject", "alternatives", "waitlist", "override")


class BookInput(Strict):
    kind = serializers.CharField(max_length=40)
    doctor = serializers.UUIDField()
    starts_at = Instant()
    reason = Text(max_length=2000, required=False, allow_blank=True, default="")
    priority = serializers.ChoiceField(choices=Priority.choices, default=Priority.NORMAL)
    patient = serializers.UUIDField(required=False, help_text="The desk says whose; a patient books for themself.")
    strategy = serializers.ChoiceField(
        choices=STRATEGIES, default="alternatives", help_text="What a taken time should lead to."
    )
    overbook = Text(
        max_length=500, required=False, help_text="Why it may be above the practitioner's capacity where nothing is left."
    )


class ReasonOutput(serializers.Serializer[Any]):
    """A `Reason`, or what was kept of one as it was on the wire."""

    code = serializers.CharField()
    detail = serializers.CharField(help_text="For people, on the wall clock of the place.")
    starts_at = serializers.DateTimeField(required=False, help_text=INSTANTS["starts_at"])
    ends_at = serializers.DateTimeField(required=False, help_text=INSTANTS["ends_at"])
    from_at = serializers.DateTimeField(required=False, help_text=INSTANTS["from_at"])
    until_at = serializers.DateTimeField(required=False, help_text=INSTANTS["until_at"])

    def to_representation(self, reason: Any) -> dict[str, str]:
        return reason.on_wire() if isinstance(reason, Reason) else reason


class DeferredOutput(serializers.Serializer[Any]):
    """Not booked, but taken care of: `id` is of the waitlist's entry, or of the override that somebody must decide."""

    strategy = serializers.ChoiceField(choices=STRATEGIES)
    id = serializers.UUIDField()
    reasons = ReasonOutput(many=True)


class HoldInput(Strict):
    """A time to be held; confirm the appointment to take it."""

    kind = serializers.CharField(max_length=40)
    doctor = serializers.UUIDField()
    starts_at = Instant()
    minutes = serializers.IntegerField(min_value=1, max_value=60, default=10)
    reason = Text(max_length=2000, required=False, allow_blank=True, default="")
    patient = serializers.UUIDField(required=False, help_text="The desk says whose; a patient holds for themself.")


class ChangeInput(Strict):
    reason = Text(max_length=2000, required=False, allow_blank=True)
    priority = serializers.ChoiceField(choices=Priority.choices, required=False)


class ReplaceInput(Strict):
    """All that can be changed in place: `PUT` says all of it."""

    reason = Text(max_length=2000, allow_blank=True)
    priority = serializers.ChoiceField(choices=Priority.choices)


class CancelInput(Strict):
    reason = Text(max_length=2000, required=False, allow_blank=True, default="")


class RescheduleInput(Strict):
    starts_at = Instant()
    doctor = serializers.UUIDField(required=False, help_text="Another practitioner; left out: the same.")


class ReassignInput(Strict):
    doctor = serializers.UUIDField()


class HandOverInput(Strict):
    doctor = serializers.UUIDField()
    starts_at = Instant(required=False, help_text="Left out: the doctor's next free time.")
    kind = serializers.CharField(max_length=40, required=False, help_text="Left out: as it was.")


class DoctorBrief(serializers.Serializer[Practitioner]):
    id = serializers.UUIDField()
    name = serializers.CharField()


class PatientBrief(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    mrn = serializers.CharField()
    name = serializers.CharField()


class TokenBrief(serializers.Serializer[Any]):
    """A place in today's queue; filled by the queue."""

    id = serializers.UUIDField()
    number = serializers.CharField()
    queue = serializers.UUIDField()
    status = serializers.CharField()
    place = serializers.IntegerField(allow_null=True, help_text="1 is called next; null once called.")
    follow = serializers.URLField(help_text="A page for the patient's own phone, without login: number, place, how long yet.")


class AppointmentOutput(serializers.Serializer[Appointment]):
    """`patient` and the reasons are there only for those who may know. `context` gives the member and what apps above add."""

    id = serializers.UUIDField()
    kind = serializers.CharField()
    doctor = DoctorBrief()
    patient = PatientBrief(required=False)
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    state = serializers.ChoiceField(choices=[(s.value, s.value) for s in State])
    priority = serializers.ChoiceField(choices=Priority.choices)
    reason = serializers.CharField(required=False, allow_blank=True)
    cancel_reason = serializers.CharField(required=False, allow_blank=True, help_text="Of one that was cancelled; else empty.")
    version = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField(allow_null=True, help_text="Of a hold: until then it can be confirmed.")
    group = serializers.UUIDField(allow_null=True, help_text="The group session in which it is a seat.")
    transferred_to = serializers.UUIDField(allow_null=True, help_text="The appointment that goes on in its place.")
    overbooked = serializers.BooleanField(help_text="Above the practitioner's capacity, by somebody's decision.")
    token = TokenBrief(allow_null=True)

    def to_representation(self, row: Appointment) -> dict[str, Any]:
        member: Member = self.context["member"]
        added: Mapping[str, Mapping[UUID, Any]] = self.context["added"]
        zone = row.zone
        shown: dict[str, Any] = {
            "id": str(row.id),
            "kind": row.kind,
            "doctor": {"id": str(row.practitioner_id), "name": str(row.practitioner)},
            "starts_at": row.starts_at.astimezone(zone).isoformat(),
            "ends_at": row.ends_at.astimezone(zone).isoformat(),
            "state": str(row.state),
            "priority": str(row.priority),
            "version": row.version,
            "created_at": row.created_at.astimezone(zone).isoformat(),
            "expires_at": row.expires_at.astimezone(zone).isoformat() if row.expires_at else None,
            "group": str(row.group_id) if row.group_id else None,
            "transferred_to": str(row.transferred_to_id) if row.transferred_to_id else None,
            "overbooked": row.overbook_reason is not None,
            "token": None,
        }
        hidden = hidden_fields("appointment", member, row)
        if "patient" not in hidden:
            chart = row.patient
            shown["patient"] = {"id": str(chart.id), "mrn": chart.mrn, "name": chart.full_name}
        if "reason" not in hidden:
            shown["reason"] = row.reason
        if "cancel_reason" not in hidden:
            shown["cancel_reason"] = row.cancel_reason if row.state == State.CANCELLED else ""
        return {**shown, **{name: values.get(row.id) for name, values in added.items()}}


class PlaceBrief(serializers.Serializer[Any]):
    id = serializers.UUIDField(allow_null=True)
    name = serializers.CharField()
    zone = serializers.CharField()


class DoctorOutput(serializers.Serializer[Practitioner]):
    """A professional card."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    title = serializers.CharField()
    speciality = serializers.CharField()
    languages = serializers.ListField(child=serializers.CharField())
    room = serializers.CharField()
    kinds = serializers.ListField(child=serializers.CharField())
    location = PlaceBrief()
    next_free_at = serializers.DateTimeField(allow_null=True, help_text="A hint, minutes old; availability has the truth.")

    def to_representation(self, row: Practitioner) -> dict[str, Any]:
        place, free = row.place, row.next_free_at
        is_ahead = free is not None and free > self.context["now"]
        return {
            "id": str(row.id),
            "name": row.name,
            "title": row.title,
            "speciality": row.speciality,
            "languages": row.languages,
            "room": row.room,
            "kinds": row.kinds,
            "location": {"id": str(place.id) if place.id else None, "name": place.name, "zone": place.zone},
            "next_free_at": free.astimezone(place.clock).isoformat() if free and is_ahead else None,
        }


class SlotOutput(serializers.Serializer[Any]):
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()


class AvailabilityOutput(serializers.Serializer[Any]):
    """Free starts on the wall clock of `zone`; each can be booked."""

    doctor = serializers.UUIDField()
    kind = serializers.CharField(allow_null=True)
    zone = serializers.CharField()
    slots = SlotOutput(many=True)


class FreeOutput(AvailabilityOutput):
    """Of one practitioner out of many; `context["view"]` has read the times of all at once."""

    def to_representation(self, row: Practitioner) -> dict[str, Any]:
        view = self.context["view"]
        return shown_times(row, view.code, view.times[row.pk])


def shown_times(doctor: Practitioner, code: str | None, free: Iterable[Slot]) -> dict[str, Any]:
    zone = doctor.place.clock
    starts = [(one.starts_at.astimezone(zone).isoformat(), one.ends_at.astimezone(zone).isoformat()) for one in free]
    slots = [{"starts_at": start, "ends_at": end} for start, end in starts]
    return {"doctor": str(doctor.id), "kind": code, "zone": doctor.place.zone, "slots": slots}


class KindOutput(serializers.Serializer[Kind]):
    code = serializers.CharField()
    name = serializers.CharField()
    minutes = serializers.SerializerMethodField()
    preparation = serializers.CharField(allow_blank=True)
    rule = serializers.CharField(help_text="What makes it a kind of its own.")
    needs = serializers.ListField(child=serializers.CharField(), source="claims", help_text="Who and what it holds.")
    professions = serializers.ListField(child=serializers.CharField(), help_text="Who may perform it; empty: all who offer it.")
    youngest = serializers.IntegerField(allow_null=True, help_text="Years, included.")
    oldest = serializers.IntegerField(allow_null=True)
    price = serializers.SerializerMethodField()
    currency = serializers.SerializerMethodField()

    def get_minutes(self, kind: Kind) -> int:
        return usual_length(kind) // dt.timedelta(minutes=1)

    def get_price(self, kind: Kind) -> str | None:
        price = price_of(kind)
        return None if price is None else f"{price:.2f}"

    def get_currency(self, kind: Kind) -> str:
        return str(self.context["view"].clinic.currency)
