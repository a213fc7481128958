"""Consents, guardians and wishes for correction, on the wire."""

from typing import Any

from rest_framework import serializers

from healthcare.core.shapes import Strict, Text
from patients.models import Amendment, Consent, Guardianship
from patients.purposes import PURPOSES
from patients.sections import SECTIONS
from patients.serializers.entries import HEAD, EntryOutput, LongText


class ConsentInput(Strict):
    """`wording`: the version of the text that was agreed to."""

    purpose = serializers.ChoiceField(choices=sorted(PURPOSES))
    decision = serializers.ChoiceField(choices=Consent.Decision.choices)
    wording = serializers.RegexField(r"^[A-Za-z0-9._-]{1,40}\Z", max_length=40)
    channel = serializers.ChoiceField(choices=Consent.Channel.choices, required=False)
    remark = Text(max_length=500, required=False, allow_blank=True)


class ConsentOutput(serializers.ModelSerializer[Consent]):
    id = serializers.UUIDField(read_only=True)
    remark = serializers.CharField()

    class Meta:
        model = Consent
        fields = ("id", "purpose", "decision", "wording", "channel", "remark", "decided_at", "recorded_by")
        read_only_fields = fields


class StandingOutput(serializers.Serializer[Any]):
    """One purpose: what it opens, whether it is open now, and by which decision (`null`: none was taken)."""

    purpose = serializers.CharField()
    says = serializers.CharField()
    is_open = serializers.BooleanField()
    decision = ConsentOutput(allow_null=True)


class GuardianInput(Strict):
    """`guardian`: the chart, in this clinic, of who is to act; it has an account. A parent acts until 18 at the latest."""

    guardian = serializers.UUIDField()
    basis = serializers.ChoiceField(choices=Guardianship.Basis.choices)
    ends_on = serializers.DateField(required=False, allow_null=True)


class GuardianOutput(EntryOutput):
    guardian = serializers.UUIDField(source="guardian_id")
    ends_on = serializers.DateField(allow_null=True)

    class Meta:
        model = Guardianship
        fields = (*HEAD, "guardian", "basis", "ends_on", "ended_at")


class AmendmentInput(Strict):
    """`section` and `row` where one entry is meant; `text` says what is wrong and what would be right."""

    section = serializers.ChoiceField(choices=["record", *SECTIONS], required=False)
    row = serializers.UUIDField(required=False)
    text = LongText()


class AmendmentAnswerInput(Strict):
    """The correction itself is made where it belongs. A denial gives its basis."""

    accept = serializers.BooleanField()
    answer = LongText()


class AmendmentOutput(EntryOutput):
    row = serializers.UUIDField(source="row_id", allow_null=True)
    text = serializers.CharField()
    answer = serializers.CharField()

    class Meta:
        model = Amendment
        fields = (*HEAD, "section", "row", "text", "state", "answer", "decided_by", "decided_at")
