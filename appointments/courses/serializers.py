"""What do clients send about courses, and what do they see?"""

from typing import Any

from rest_framework import serializers

from appointments.courses.models import Course, CourseTemplate
from appointments.courses.phases import LONGEST_GAP, MOST_PHASES, MOST_SITTINGS
from appointments.serializers import DoctorBrief, PatientBrief, ReasonOutput
from healthcare.core.shapes import Query, Strict, Text


class PhaseInput(Strict):
    name = Text(max_length=80)
    kind = serializers.CharField(max_length=40)
    sittings = serializers.IntegerField(min_value=1, max_value=MOST_SITTINGS)
    least_days = serializers.IntegerField(min_value=0, max_value=LONGEST_GAP, default=1, help_text="Between two sittings.")
    most_days = serializers.IntegerField(min_value=0, max_value=LONGEST_GAP, default=2)
    pause_days = serializers.IntegerField(min_value=0, max_value=LONGEST_GAP, default=0, help_text="More, before this phase.")


class TemplateInput(Strict):
    name = Text(max_length=120)
    phases = serializers.ListField(child=PhaseInput(), min_length=1, max_length=MOST_PHASES)


class TemplateChangeInput(Strict):
    name = Text(max_length=120, required=False)
    phases = serializers.ListField(child=PhaseInput(), min_length=1, max_length=MOST_PHASES, required=False)
    is_active = serializers.BooleanField(required=False)


class PhaseOutput(serializers.Serializer[Any]):
    name = serializers.CharField()
    kind = serializers.CharField()
    sittings = serializers.IntegerField()
    least_days = serializers.IntegerField()
    most_days = serializers.IntegerField()
    pause_days = serializers.IntegerField()


class TemplateOutput(serializers.Serializer[CourseTemplate]):
    id = serializers.UUIDField()
    name = serializers.CharField()
    phases = PhaseOutput(many=True)
    is_active = serializers.BooleanField()
    version = serializers.IntegerField()


class CourseQuery(Query):
    state = serializers.ChoiceField(choices=Course.State.choices, required=False)


class OrderInput(Strict):
    template = serializers.UUIDField()
    patient = serializers.UUIDField()
    starts_on = serializers.DateField(help_text="At the earliest.")
    therapists = serializers.ListField(
        child=serializers.UUIDField(), max_length=20, default=list, help_text="Who may give it; empty: all who offer the kind."
    )
    earliest = serializers.TimeField(required=False, help_text="Starts, on the wall clock of the location.")
    latest = serializers.TimeField(required=False)
    reason = Text(max_length=2000, required=False, allow_blank=True, default="")


class SittingOutput(serializers.Serializer[Any]):
    number = serializers.IntegerField()
    phase = serializers.CharField()
    kind = serializers.CharField()
    appointment = serializers.UUIDField(allow_null=True)
    doctor = DoctorBrief(allow_null=True)
    starts_at = serializers.DateTimeField(allow_null=True)
    ends_at = serializers.DateTimeField(allow_null=True)
    state = serializers.CharField(allow_null=True, help_text="Of its appointment.")
    missed = serializers.IntegerField(help_text="Appointments for it to which nobody came.")


class CourseOutput(serializers.Serializer[Course]):
    """`context["zones"]`: by location. `patient` is there only for those who may know."""

    id = serializers.UUIDField()
    template = serializers.UUIDField()
    name = serializers.CharField()
    state = serializers.ChoiceField(choices=Course.State.choices)
    why = ReasonOutput(many=True, help_text="Reasons, where it is stuck.")
    starts_on = serializers.DateField()
    created_at = serializers.DateTimeField()
    patient = PatientBrief(required=False)
    sittings = SittingOutput(many=True)
    version = serializers.IntegerField()

    def to_representation(self, row: Course) -> dict[str, Any]:
        shown: dict[str, Any] = {
            "id": str(row.id),
            "template": str(row.template_id),
            "name": row.template.name,
            "state": str(row.state),
            "why": row.why,
            "starts_on": row.starts_on.isoformat(),
            "created_at": row.created_at.isoformat(),
            "sittings": [self._sitting(row, one) for one in row.sittings.all()],
            "version": row.version,
        }
        if self.context["member"].may("patient.view"):
            shown["patient"] = {"id": str(row.patient.id), "mrn": row.patient.mrn, "name": row.patient.full_name}
        return shown

    def _sitting(self, row: Course, one: Any) -> dict[str, Any]:
        given, phase = one.appointment, row.phases[one.phase]
        zone = self.context["zones"].get(given.location_id) if given else None
        return {
            "number": one.number,
            "phase": phase["name"],
            "kind": phase["kind"],
            "appointment": given and str(given.id),
            "doctor": given and {"id": str(given.practitioner_id), "name": str(given.practitioner)},
            "starts_at": given and given.starts_at.astimezone(zone).isoformat(),
            "ends_at": given and given.ends_at.astimezone(zone).isoformat(),
            "state": given and str(given.state),
            "missed": one.missed,
        }
