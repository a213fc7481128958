"""What may a consent be about, what does it open or close, and what says the law where none was given? A table.

Sources: HIPAA 45 CFR 164.506 (treatment and payment need no consent), 164.522(a) (a patient may ask for restrictions; one who
paid in full must be granted it), 164.510(b) (family), 164.508 and 42 CFR Part 2 (specially protected notes).
"""

from enum import StrEnum
from typing import NamedTuple


class Covers(StrEnum):
    """What a consent opens or closes; each section of a chart and each way to read it names one."""

    CLINICAL = "clinical"  # allergies, conditions, visits, vitals, notes, prescriptions, constitution, documents
    INSURANCE = "insurance"
    SENSITIVE = "sensitive"  # entries marked as sensitive, in whatever section
    FAMILY = "family"  # whatever a guardian by the patient's own consent sees


class Purpose(NamedTuple):
    covers: Covers
    without: bool  # may it be read where the patient has decided nothing?
    says: str
    exceptions: tuple[str, ...]  # codes of `patients.services.consenting.EXCEPTIONS` that open it all the same


PURPOSES: dict[str, Purpose] = {
    "treatment": Purpose(
        Covers.CLINICAL,
        True,
        "The clinic's care team reads the clinical record to treat the patient.",
        ("own_record", "author", "emergency", "break_glass"),
    ),
    "payment": Purpose(
        Covers.INSURANCE,
        True,
        "Those who bill read and use the insurance.",
        ("own_record", "author"),
    ),
    "sensitive": Purpose(
        Covers.SENSITIVE,
        False,
        "Others than their author read entries marked as sensitive.",
        ("own_record", "author", "emergency", "break_glass"),
    ),
    "family": Purpose(
        Covers.FAMILY,
        False,
        "A person the patient named as guardian sees the record and books.",
        (),
    ),
}
