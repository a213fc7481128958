"""What is known of a person's health, on the wire?"""

from typing import Any

from rest_framework import serializers

from healthcare.core.shapes import Strict, Text
from patients.models import Allergy, Condition, Constitution, Note, Prescription
from patients.serializers.entries import HEAD, Changes, EntryOutput, LongText


class AllergyInput(Strict):
    substance = Text()
    code = Text(max_length=64, required=False, allow_blank=True)
    system = Text(required=False, allow_blank=True)
    reaction = Text(max_length=2000, required=False, allow_blank=True)
    category = serializers.ChoiceField(choices=Allergy.Category.choices, required=False)
    criticality = serializers.ChoiceField(choices=Allergy.Criticality.choices, required=False)
    is_active = serializers.BooleanField(required=False)


class AllergyChangeInput(Changes, AllergyInput):
    pass


class AllergyOutput(EntryOutput):
    substance = serializers.CharField()
    code = serializers.CharField()
    reaction = serializers.CharField()

    class Meta:
        model = Allergy
        fields = (*HEAD, "substance", "code", "system", "reaction", "category", "criticality", "is_active")


class ConditionInput(Strict):
    name = Text()
    code = Text(max_length=64, required=False, allow_blank=True)
    system = Text(required=False, allow_blank=True)
    status = serializers.ChoiceField(choices=Condition.Status.choices, required=False)
    onset_on = serializers.DateField(required=False, allow_null=True)
    ended_on = serializers.DateField(required=False, allow_null=True)
    note = LongText(required=False, allow_blank=True)
    is_sensitive = serializers.BooleanField(required=False)


class ConditionChangeInput(Changes, ConditionInput):
    pass


class ConditionOutput(EntryOutput):
    name = serializers.CharField()
    code = serializers.CharField()
    onset_on = serializers.DateField(allow_null=True)
    ended_on = serializers.DateField(allow_null=True)
    note = serializers.CharField()

    class Meta:
        model = Condition
        fields = (*HEAD, "name", "code", "system", "status", "onset_on", "ended_on", "note", "is_sensitive")


class NoteInput(Strict):
    visit = serializers.UUIDField(required=False, allow_null=True)
    text = LongText()
    is_sensitive = serializers.BooleanField(required=False)


class NoteChangeInput(Changes, NoteInput):
    pass


class NoteOutput(EntryOutput):
    visit = serializers.UUIDField(source="visit_id", allow_null=True)
    text = serializers.CharField()

    class Meta:
        model = Note
        fields = (*HEAD, "visit", "text", "is_sensitive")


class PrescriptionInput(Strict):
    visit = serializers.UUIDField(required=False, allow_null=True)
    drug = Text()
    dose = Text(required=False, allow_blank=True)
    route = Text(max_length=64, required=False, allow_blank=True)
    timing = Text(required=False, allow_blank=True)
    instructions = Text(max_length=2000, required=False, allow_blank=True)
    starts_on = serializers.DateField(required=False, allow_null=True)
    ends_on = serializers.DateField(required=False, allow_null=True)
    status = serializers.ChoiceField(choices=Prescription.Status.choices, required=False)


class PrescriptionChangeInput(Changes, PrescriptionInput):
    pass


class PrescriptionOutput(EntryOutput):
    visit = serializers.UUIDField(source="visit_id", allow_null=True)
    drug = serializers.CharField()
    dose = serializers.CharField()
    route = serializers.CharField()
    timing = serializers.CharField()
    instructions = serializers.CharField()
    starts_on = serializers.DateField(allow_null=True)
    ends_on = serializers.DateField(allow_null=True)

    class Meta:
        model = Prescription
        fields = (
            *HEAD,
            "visit",
            "drug",
            "dose",
            "route",
            "timing",
            "instructions",
            "starts_on",
            "ends_on",
            "status",
        )


class DoshasInput(Strict):
    """Shares in per cent; together 100."""

    vata = serializers.IntegerField(min_value=0, max_value=100)
    pitta = serializers.IntegerField(min_value=0, max_value=100)
    kapha = serializers.IntegerField(min_value=0, max_value=100)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if sum(attrs.values()) != 100:
            raise serializers.ValidationError("The shares make 100 together.", code="sum")
        return attrs


class DoshasOutput(serializers.Serializer[Any]):
    vata = serializers.IntegerField()
    pitta = serializers.IntegerField()
    kapha = serializers.IntegerField()


class ConstitutionInput(Strict):
    prakriti = DoshasInput()
    vikriti = DoshasInput(required=False, allow_null=True)
    agni = Text(max_length=64, required=False, allow_blank=True)
    remarks = LongText(required=False, allow_blank=True)


class ConstitutionChangeInput(Changes, ConstitutionInput):
    pass


class ConstitutionOutput(EntryOutput):
    prakriti = DoshasOutput()
    vikriti = DoshasOutput(allow_null=True)
    agni = serializers.CharField()
    remarks = serializers.CharField()

    class Meta:
        model = Constitution
        fields = (*HEAD, "prakriti", "vikriti", "agni", "remarks")
