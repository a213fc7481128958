"""What do the desk's forms in the admin ask for in the same way? Instants and days on a clock, a time that was offered."""

import datetime as dt
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.formats import date_format
from rest_framework.exceptions import ValidationError as NoInstant

from appointments.models import Appointment, Practitioner, Priority
from appointments.plugins.registry import kind_named, kinds
from appointments.serializers import Instant
from appointments.services.judging import Ask
from clinics.settings_of import settings_here
from healthcare.core.errors import Refused
from healthcare.core.ids import as_id
from patients.models import Patient

YEARS = range(2000, 2200)
NOON = dt.time(12)
TYPED = {"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}  # a record number, from a card


def in_our_time(value: dt.date) -> None:
    if value.year not in YEARS:
        raise ValidationError("No such year.")


def moment(label: str) -> forms.DateTimeField:
    clock = forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local"})
    return forms.DateTimeField(label=label, widget=clock, validators=[in_our_time], help_text="On the clinic's clock.")


def on_our_clock(value: dt.datetime, zone: ZoneInfo | None = None) -> str:
    """As the columns beside it: what is computed the admin shows as it is. Without a zone it is the clinic's."""
    return date_format(timezone.localtime(value, zone), "DATETIME_FORMAT")


def offered_kinds() -> list[tuple[str, str]]:
    return [(kind.code, kind.name) for kind in kinds().values() if settings_here().offers(kind.code)]


def chart_by(mrn: str, member: Any, permission: str) -> Patient:
    """The living patient of this number whom the permission reaches. Raises ValidationError."""
    found = Patient.objects.visible_to(member, permission).living().found_by("mrn", mrn).first()
    if found is None:
        raise ValidationError("No chart of this clinic has this number.")
    return found


def said_no(form: forms.Form, refused: Refused) -> None:
    """Every reason on the form, each with its code."""
    for reason in refused.reasons:
        form.add_error(None, ValidationError(reason.detail, code=reason.code))


class MemberForm(forms.Form):
    """It offers what the member may see."""

    # what is asked in fields that say themselves what is wrong with them
    first: tuple[str, ...] = ()

    def __init__(self, *args: Any, member: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.member = member

    def faults(self) -> list[dict[str, str]]:
        """What else is wrong: each with its code."""
        data = self.errors.as_data()
        found = [error for name, errors in data.items() if name not in self.first for error in errors]
        return [{"code": str(error.code or "invalid"), "text": " ".join(error.messages)} for error in found]


class ChartForm(MemberForm):
    """The desk reads the record number from a card; nobody is searched for here."""

    mrn = forms.CharField(max_length=20, label="Record number (MRN)")
    kind = forms.ChoiceField()
    needs = ""  # the permission whose reach limits the charts

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["mrn"].widget.attrs |= TYPED
        self.fields["kind"].choices = offered_kinds()  # type: ignore[attr-defined]

    def clean_mrn(self) -> str:
        self.patient = chart_by(self.cleaned_data["mrn"], self.member, self.needs)
        return self.patient.mrn


def pressing(member: Any) -> list[tuple[str, str]]:
    """How pressing it may be called by who sits there."""
    if member.may("appointment.set_priority"):
        return [(str(value), str(text)) for value, text in Priority.choices]
    return [(str(Priority.NORMAL), str(Priority.NORMAL.label))]


class Pick(NamedTuple):
    """Whose time, and when it starts."""

    practitioner_id: UUID
    starts_at: dt.datetime

    def __str__(self) -> str:
        return f"{self.practitioner_id} {self.starts_at.isoformat()}"


class PickField(forms.CharField):
    """One of the times that the page offered; what came of it since, the verb finds out."""

    def __init__(self) -> None:
        super().__init__(required=False, max_length=80)

    def to_python(self, value: Any) -> Any:
        if not (text := super().to_python(value)):
            return None
        whose, _, instant = text.partition(" ")
        try:
            if (found := as_id(whose)) is not None:
                return Pick(found, Instant().to_internal_value(instant))
        except NoInstant:
            pass
        raise ValidationError("Choose one of the times.")


class TimeForm(MemberForm):
    """With whom and on which day; then, of the times that were shown, which one."""

    practitioner: Any = forms.ModelChoiceField(queryset=None)
    day = forms.DateField(validators=[in_our_time], widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}))
    pick = PickField()
    first = ("practitioner", "day")  # asked before the times; the rest is asked beside them

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.cards = Practitioner.objects.visible_to(self.member, "practitioner.view").with_place()
        self.fields["practitioner"].queryset = self.cards.order_by("name", "id")  # type: ignore[attr-defined]

    def clean_pick(self) -> Pick | None:
        """The practitioner of the time, who may be a colleague of the one asked for, is found as that one is."""
        pick: Pick | None = self.cleaned_data["pick"]
        self.picked = self.cards.filter(pk=pick.practitioner_id).first() if pick else None
        if pick and self.picked is None:
            raise ValidationError("Choose one of the times.")
        return pick

    def wanted(self) -> dict[str, Any] | None:
        """What the verb is to take, once enough is said."""
        pick = self.cleaned_data["pick"]
        return {"practitioner": self.picked, "starts_at": pick.starts_at} if self.picked is not None else None

    def first_fields(self) -> list[Any]:
        return [self[name] for name in self.first]

    def carried(self) -> list[Any]:
        """What the times were shown for."""
        return self.first_fields()

    def ask(self, now: dt.datetime) -> Ask:
        """For noon of the day: what is asked before a time is chosen. Raises UnknownKind."""
        raise NotImplementedError

    def _noon(self) -> tuple[Practitioner, dt.datetime]:
        who: Practitioner = self.cleaned_data["practitioner"]
        return who, dt.datetime.combine(self.cleaned_data["day"], NOON, who.place.clock)


class MoveForm(TimeForm):
    """`version` is of the appointment as the page showed it."""

    verb = "reschedule"
    version = forms.IntegerField(min_value=0, max_value=2**31 - 1)

    def __init__(self, *args: Any, row: Appointment, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.row = row

    def ask(self, now: dt.datetime) -> Ask:
        who, noon = self._noon()
        return Ask(kind_named(self.row.kind), self.row.patient, who, noon, now, ignoring=frozenset({self.row.pk}))
