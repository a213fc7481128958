"""How is a course ordered in a browser? For whom, which template and from when; a job plans it, its page says how it stands."""

from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone

from appointments.admin_asking import PatientForm, answer, may
from appointments.admin_forms import in_our_time
from appointments.courses.models import Course, CourseTemplate
from appointments.courses.services import ordering

ORDER = "course.order"
MOST_THERAPISTS = 20  # as the API takes them
HINT = (
    "All its sittings are planned and booked together, by a job that takes moments. The course's page says when it is booked; "
    "where no times are found for all of it, nothing is booked, and the page says why."
)
CLOCK = {"format": "%H:%M", "attrs": {"type": "time"}}


class OrderForm(PatientForm):
    needs = ORDER
    template: Any = forms.ModelChoiceField(queryset=None)
    starts_on = forms.DateField(
        label="From", help_text="The first sitting is on this day or later.", validators=[in_our_time],
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )  # fmt: skip
    earliest = forms.TimeField(required=False, label="Not before", widget=forms.TimeInput(**CLOCK))
    latest = forms.TimeField(required=False, label="Starts not after", widget=forms.TimeInput(**CLOCK))
    reason = forms.CharField(max_length=2000, required=False, label="Why they come", widget=forms.Textarea(attrs={"rows": 2}))
    therapists: Any = forms.ModelMultipleChoiceField(
        queryset=None, required=False, widget=forms.CheckboxSelectMultiple, label="Therapists",
        help_text="Who may give it; none chosen: all who offer its kinds.",
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["template"].queryset = CourseTemplate.objects.filter(is_active=True).order_by("name")  # type: ignore[attr-defined]

    def clean_therapists(self) -> list[Any]:
        if len(chosen := list(self.cleaned_data["therapists"])) > MOST_THERAPISTS:
            raise ValidationError(f"At most {MOST_THERAPISTS}.")
        return chosen

    def course(self) -> dict[str, Any]:
        names = ("template", "starts_on", "earliest", "latest", "reason", "therapists")
        return {"patient": self.patient, **{name: self.cleaned_data[name] for name in names}}


def order_page(request: Any) -> HttpResponse:
    """Asks; orders; leads to the course."""
    if not may(request, ORDER):
        raise PermissionDenied
    form = OrderForm(request.POST or None, member=request.member, initial={"starts_on": timezone.localdate()})

    def take() -> Course:
        return ordering.order(by=request.member.user_id, now=timezone.now(), **form.course())

    return answer(
        request, form, take, lambda made: reverse("admin:courses_course_change", args=[made]), title="Order a course",
        does="Order it", done="The course is ordered and is being planned. Look at this page again in a moment.", hint=HINT,
    )  # fmt: skip
