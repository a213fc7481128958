"""What do clients send about the waitlist, and what do they see?"""

from typing import Any

from rest_framework import serializers

from appointments.models import Priority
from appointments.serializers import DoctorBrief, PatientBrief
from appointments.waitlist.models import Offer, Wish
from healthcare.core.shapes import Query, Strict


class WishQuery(Query):
    state = serializers.ChoiceField(choices=Wish.State.choices, required=False)
    kind = serializers.CharField(max_length=40, required=False)
    practitioner = serializers.UUIDField(required=False)


class WishInput(Strict):
    kind = serializers.CharField(max_length=40)
    from_on = serializers.DateField()
    until_on = serializers.DateField()
    doctor = serializers.UUIDField(required=False, help_text="Left out: any who offers the kind.")
    location = serializers.UUIDField(required=False)
    urgency = serializers.ChoiceField(choices=Priority.choices, default=Priority.NORMAL)
    weekdays = serializers.ListField(
        child=serializers.IntegerField(min_value=0, max_value=6), max_length=7, required=False, help_text="0 is Monday."
    )
    earliest = serializers.TimeField(required=False, help_text="Start, on the wall clock of the location.")
    latest = serializers.TimeField(required=False)
    patient = serializers.UUIDField(required=False, help_text="The desk says whose; a patient joins for themself.")

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        if "earliest" in given and "latest" in given and given["earliest"] > given["latest"]:
            raise serializers.ValidationError({"latest": serializers.ErrorDetail("It is before the earliest.", "backwards")})
        return given


class OfferOutput(serializers.Serializer[Offer]):
    """Held for the patient until `expires_at`."""

    id = serializers.UUIDField()
    appointment = serializers.UUIDField()
    doctor = DoctorBrief()
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField()

    def to_representation(self, row: Offer) -> dict[str, Any]:
        held = row.appointment
        zone = held.zone
        return {
            "id": str(row.id),
            "appointment": str(held.id),
            "doctor": {"id": str(held.practitioner_id), "name": str(held.practitioner)},
            "starts_at": held.starts_at.astimezone(zone).isoformat(),
            "ends_at": held.ends_at.astimezone(zone).isoformat(),
            "expires_at": row.expires_at.astimezone(zone).isoformat(),
        }


class WishOutput(serializers.Serializer[Wish]):
    """`patient` is there only for those who may know; `context["offers"]` are the open ones by wish."""

    id = serializers.UUIDField()
    kind = serializers.CharField()
    doctor = DoctorBrief(allow_null=True)
    location = serializers.UUIDField(allow_null=True)
    urgency = serializers.ChoiceField(choices=Priority.choices)
    from_on = serializers.DateField()
    until_on = serializers.DateField()
    weekdays = serializers.ListField(child=serializers.IntegerField())
    earliest = serializers.TimeField(allow_null=True)
    latest = serializers.TimeField(allow_null=True)
    state = serializers.ChoiceField(choices=Wish.State.choices)
    joined_at = serializers.DateTimeField()
    appointment = serializers.UUIDField(allow_null=True, help_text="What they got.")
    offer = OfferOutput(allow_null=True)
    patient = PatientBrief(required=False)
    version = serializers.IntegerField()

    def to_representation(self, row: Wish) -> dict[str, Any]:
        doctor = {"id": str(row.practitioner_id), "name": str(row.practitioner)} if row.practitioner else None
        shown: dict[str, Any] = {
            "id": str(row.id),
            "kind": row.kind,
            "doctor": doctor,
            "location": row.location_id and str(row.location_id),
            "urgency": str(row.urgency),
            "from_on": row.from_on.isoformat(),
            "until_on": row.until_on.isoformat(),
            "weekdays": row.weekdays,
            "earliest": row.earliest and row.earliest.isoformat("minutes"),
            "latest": row.latest and row.latest.isoformat("minutes"),
            "state": str(row.state),
            "joined_at": row.joined_at.isoformat(),
            "appointment": row.appointment_id and str(row.appointment_id),
            "offer": None,
            "version": row.version,
        }
        if (offer := self.context["offers"].get(row.id)) is not None:
            shown["offer"] = OfferOutput(offer).data
        member, chart = self.context["member"], row.patient
        if member.may("patient.view"):
            shown["patient"] = {"id": str(chart.id), "mrn": chart.mrn, "name": chart.full_name}
        return shown
