"""What did the patient agree to, and what does it open or close for this reader? Enforced wherever a chart is read.

The table is `patients/purposes.py`. `EXCEPTIONS` are the cases in which the law lets a reader see what the patient closed (or
did not open); apps above add theirs by `exception(code, test)`.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.membership import Member
from healthcare.core.errors import Reason, Refused
from healthcare.core.events import publish
from patients.events import ConsentDecided
from patients.models import Consent, Patient, dependants_of
from patients.purposes import PURPOSES, Covers
from patients.sections import Section

Test = Callable[[Patient, Member], bool]
EXCEPTIONS: dict[str, Test] = {}
AUTHOR = "author"  # of single entries: what one wrote oneself one may read again
BY_COVERS = {purpose.covers: name for name, purpose in PURPOSES.items()}


class ConsentWithheld(Refused):
    status = 403
    code = "consent_withheld"
    detail = "The patient has not agreed to this, and no exception applies."


class Verdict(NamedTuple):
    """Whether it may be read, and why: `consent`, `no_objection`, an exception's code, or `withheld`."""

    allowed: bool
    because: str


def exception(code: str, test: Test) -> None:
    """Let an app add a case in which what the patient closed may be read. The purposes it opens are in the table."""
    EXCEPTIONS[code] = test


def decide(
    *, patient: Patient, purpose: str, decision: str, wording: str, by: Member, channel: str = "electronic", remark: str = ""
) -> Consent:
    """Put a decision of the patient on record; it counts from now on. Nothing is overwritten."""
    row = Consent(
        patient=patient,
        purpose=purpose,
        decision=decision,
        wording=wording,
        channel=channel,
        remark=remark,
        recorded_by=by.user_id,
        decided_at=timezone.now(),
    )
    with transaction.atomic():
        row.save(force_insert=True)
        publish(ConsentDecided(patient_id=patient.id, purpose=purpose, decision=decision))
    return row


def verdict(*, patient: Patient, covers: Covers, member: Member) -> Verdict:
    """May this reader see what is covered? By consent, then by exception."""
    name = BY_COVERS[covers]
    purpose, latest = PURPOSES[name], Consent.objects.latest(patient).get(name)
    if latest is None and purpose.without:
        return Verdict(True, "no_objection")
    if latest is not None and latest.decision == Consent.Decision.GIVEN:
        return Verdict(True, "consent")
    for code in purpose.exceptions:
        if code in EXCEPTIONS and EXCEPTIONS[code](patient, member):
            return Verdict(True, code)
    return Verdict(False, "withheld")


def readable(*, section: Section, patient: Patient, member: Member) -> Any:
    """The entries of a section that this reader may see. Raises ConsentWithheld where all are closed to them."""
    rows = section.model.objects.of(patient)  # type: ignore[attr-defined]
    mine = Q(recorded_by=member.user_id)
    if section.covers is not None and not verdict(patient=patient, covers=section.covers, member=member).allowed:
        purpose = BY_COVERS[section.covers]
        if AUTHOR not in PURPOSES[purpose].exceptions or not rows.filter(mine).exists():
            raise ConsentWithheld(reasons=[Reason("consent_withheld", f"Consent for {purpose} is withdrawn.")])
        rows = rows.filter(mine)
    if section.has_sensitive and not verdict(patient=patient, covers=Covers.SENSITIVE, member=member).allowed:
        rows = rows.filter(Q(is_sensitive=False) | mine)
    return rows


def is_own_record(patient: Patient, member: Member) -> bool:
    """The patient, or who acts for them by law or by their consent."""
    if member.user_id is not None and patient.user_id == member.user_id:
        return True
    return patient.id in dependants_of(member)


exception("own_record", is_own_record)
