"""Which tables does a clinic's chart room have? Split by noun; everything is imported from here."""

from patients.models.amendments import Amendment
from patients.models.chart import Patient, PatientQuerySet
from patients.models.clinical import Allergy, Condition, Constitution, Note, Prescription
from patients.models.consents import Consent
from patients.models.contacts import Contact
from patients.models.documents import Document
from patients.models.erasures import Erasure, LegalHold
from patients.models.guardians import Guardianship, dependants_of
from patients.models.identifiers import Identifier
from patients.models.imports import ImportedRow, ImportedThing, ImportRun
from patients.models.insurance import Insurance
from patients.models.merges import Merge
from patients.models.rows import ChartRow, FormerVersion
from patients.models.visits import Visit, Vital

__all__ = [
    "Allergy",
    "Amendment",
    "ChartRow",
    "Condition",
    "Consent",
    "Constitution",
    "Contact",
    "Document",
    "Erasure",
    "FormerVersion",
    "Guardianship",
    "Identifier",
    "ImportRun",
    "ImportedRow",
    "ImportedThing",
    "Insurance",
    "LegalHold",
    "Merge",
    "Note",
    "Patient",
    "PatientQuerySet",
    "Prescription",
    "Visit",
    "Vital",
    "dependants_of",
]
