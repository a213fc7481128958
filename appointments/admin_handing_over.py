"""How does the desk, or who treats, give an appointment to a colleague in a browser? Reassigned it keeps its time; transferred
it ends here and goes on there, at a time picked of those offered or the next free one. By the API's own verbs.
"""

from typing import Any

from django import forms
from django.db.models import Case, Value, When
from django.http import HttpResponse
from django.utils import timezone

from appointments.admin_forms import MoveForm
from appointments.admin_times import answer, one
from appointments.models import Appointment, Practitioner
from appointments.services.handing_over import reassign, transfer
from appointments.workflow import BY_VERB


class Colleagues(forms.ModelChoiceField):
    """Who is elsewhere is said to be."""

    here: Any = None

    def label_from_instance(self, card: Practitioner) -> str:
        return str(card) if card.location_id == self.here else f"{card}, {card.place.name}"


class HandOverForm(MoveForm):
    """To which of those who offer the kind; those at the same place come first."""

    verb = "transfer"
    practitioner: Any = Colleagues(queryset=None, label="To whom")
    how = forms.ChoiceField(choices=[("reassign", "reassign"), ("next", "next")], required=False)

    def __init__(self, *args: Any, row: Appointment, **kwargs: Any) -> None:
        super().__init__(*args, row=row, **kwargs)
        others = self.cards.seeing_patients().offering(row.kind).exclude(pk=row.practitioner_id)
        nearness = Case(When(location_id=row.location_id, then=Value(0)), default=Value(1))
        self.cards = others.order_by(nearness, "name", "id")
        field: Any = self.fields["practitioner"]
        field.queryset, field.here = self.cards, row.location_id

    def wanted(self) -> dict[str, Any] | None:
        """Without `starts_at` it keeps its time; None is the next free one."""
        match self.cleaned_data["how"]:
            case "reassign":
                return {"practitioner": self.cleaned_data["practitioner"]}
            case "next":
                return {"practitioner": self.cleaned_data["practitioner"], "starts_at": None}
        return super().wanted()


def hand_over_page(request: Any, object_id: str) -> HttpResponse:
    """Shows to whom it could go; hands it over if nobody changed it since it was shown."""
    row = one(request, object_id, "transfer")
    today = timezone.localdate(timezone=row.zone)
    first = {"day": max(today, timezone.localdate(row.starts_at, row.zone))}
    form = HandOverForm(request.POST or None, member=request.member, row=row, initial=first)

    def take(to: dict[str, Any]) -> Appointment:
        known: dict[str, Any] = {"by": request.member.user_id, "now": timezone.now(), "version": form.cleaned_data["version"]}
        verb = transfer if "starts_at" in to else reassign
        return verb(appointment=row, **to, **known)

    keeps = row.state in BY_VERB["reassign"].sources
    return answer(request, form, take, told=_told, title="Hand over", does="Transfer it there", hands_over=True, keeps=keeps)


def _told(row: Appointment) -> str:
    return f"It is handed over: {row.practitioner} sees the patient."
