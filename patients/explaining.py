"""Why does somebody see a chart, or not? Theirs, their patient's, their dependant's, opened, by consent."""

from uuid import UUID

from django.utils import timezone

from accounts.explaining import Verdict, Why, explains
from accounts.membership import Member
from accounts.roles import Reach
from patients.glass.models import opened_to
from patients.models import Patient, dependants_of
from patients.sections import SECTIONS
from patients.services.consenting import verdict


def reasons_of_chart(patient_id: UUID, member: Member, action: str) -> Verdict:
    patient = Patient.objects.filter(pk=patient_id).first()
    if patient is None:
        return Verdict(False, [Why("object_not_here", "refuses", "There is no such chart in this clinic.")])
    allowed = Patient.objects.visible_to(member, action).filter(pk=patient.pk).exists()
    reasons = [*_relations(patient, member)] if member.reach(action) == Reach.OWN else []
    if not allowed:
        reasons.append(Why("not_ones_own", "refuses", "The role has this for its own patients only, and this is none of them."))
        return Verdict(False, reasons)
    for covers in {section.covers for section in SECTIONS.values() if action == section.read and section.covers}:
        found = verdict(patient=patient, covers=covers, member=member)
        effect = "allows" if found.allowed else "refuses"
        reasons.append(Why(f"consent_{found.because}", effect, f"The patient's consent ({covers.value}): {found.because}."))
        allowed = allowed and found.allowed
    return Verdict(allowed, reasons)


def _relations(patient: Patient, member: Member) -> list[Why]:
    found = []
    if patient.user_id == member.user_id:
        found.append(Why("own_record", "allows", "It is the person's own chart."))
    if patient.appointments.filter(practitioner__user=member.user_id).exists():  # type: ignore[attr-defined]
        found.append(Why("treats", "allows", "The person has or had an appointment with this patient."))
    if patient.pk in dependants_of(member):
        found.append(Why("guardian", "allows", "The person acts for this patient."))
    for row in opened_to(member.user_id, timezone.now()).filter(patient=patient):
        known = {"opening": row.pk, "until": row.ends_at}
        found.append(Why("break_glass", "allows", "The person opened this chart in an emergency.", known))
    return found


explains("patient", reasons_of_chart)
