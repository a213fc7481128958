"""Which sections does a chart have, who reads and writes them, and which consent covers them? One row a section.

To add one: a model in `models/`, shapes in `serializers/`, a row here and one in `section_views.py`, a row for the probe.
"""

from typing import NamedTuple

from patients.models import (
    Allergy,
    ChartRow,
    Condition,
    Constitution,
    Contact,
    Document,
    Identifier,
    Insurance,
    Note,
    Prescription,
    Visit,
    Vital,
)
from patients.purposes import Covers


class Section(NamedTuple):
    name: str  # in routes, and in what is kept of former versions
    model: type[ChartRow]
    read: str  # permission
    write: str
    covers: Covers | None = None

    @property
    def has_sensitive(self) -> bool:
        return any(field.name == "is_sensitive" for field in self.model._meta.concrete_fields)


CLINICAL = ("patient.read_clinical", "patient.write_clinical", Covers.CLINICAL)
SECTIONS: dict[str, Section] = {
    section.name: section
    for section in (
        Section("identifiers", Identifier, "patient.read_contact", "patient.enter"),
        Section("contacts", Contact, "patient.read_contact", "patient.enter"),
        Section("insurance", Insurance, "patient.read_insurance", "patient.write_insurance", Covers.INSURANCE),
        Section("allergies", Allergy, "patient.read_medication", "patient.write_clinical", Covers.CLINICAL),
        Section("conditions", Condition, *CLINICAL),
        Section("visits", Visit, *CLINICAL),
        Section("vitals", Vital, "patient.read_clinical", "patient.take_vitals", Covers.CLINICAL),
        Section("notes", Note, "patient.read_notes", "patient.write_notes", Covers.CLINICAL),
        Section("prescriptions", Prescription, "patient.read_medication", "patient.prescribe", Covers.CLINICAL),
        Section("constitutions", Constitution, *CLINICAL),
        Section("documents", Document, "patient.read_documents", "patient.add_documents", Covers.CLINICAL),
    )
}
