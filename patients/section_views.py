"""Which shapes does each section of a chart have on the wire? One row a section; its routes follow."""

from collections.abc import Iterator
from typing import Any

from django.urls import URLPattern, path

from patients.serializers import clinical, people, visits
from patients.views.sections import section_view

# section: (what is sent, what is sent to change it, what is seen)
SHAPES: dict[str, tuple[Any, Any, Any]] = {
    "identifiers": (people.IdentifierInput, people.IdentifierChangeInput, people.IdentifierOutput),
    "contacts": (people.ContactInput, people.ContactChangeInput, people.ContactOutput),
    "insurance": (people.InsuranceInput, people.InsuranceChangeInput, people.InsuranceOutput),
    "allergies": (clinical.AllergyInput, clinical.AllergyChangeInput, clinical.AllergyOutput),
    "conditions": (clinical.ConditionInput, clinical.ConditionChangeInput, clinical.ConditionOutput),
    "notes": (clinical.NoteInput, clinical.NoteChangeInput, clinical.NoteOutput),
    "prescriptions": (clinical.PrescriptionInput, clinical.PrescriptionChangeInput, clinical.PrescriptionOutput),
    "constitutions": (clinical.ConstitutionInput, clinical.ConstitutionChangeInput, clinical.ConstitutionOutput),
    "visits": (visits.VisitInput, visits.VisitChangeInput, visits.VisitOutput),
    "vitals": (visits.VitalInput, visits.VitalChangeInput, visits.VitalOutput),
}


def routes() -> Iterator[URLPattern]:
    for name, shapes in SHAPES.items():
        view = section_view(name, *shapes)
        yield path(f"patients/<uuid:patient_id>/{name}", view.as_view({"get": "list", "post": "create"}))
        one = {"get": "retrieve", "patch": "partial_update", "delete": "destroy"}
        yield path(f"patients/<uuid:patient_id>/{name}/<uuid:row_id>", view.as_view(one))
