"""Why does somebody see an appointment, or not? They take part in it, act for its patient, or opened the chart."""

from uuid import UUID

from accounts.explaining import Verdict, Why, explains
from accounts.membership import Member
from accounts.roles import Reach
from appointments.models import Appointment
from patients.explaining import reasons_of_chart


def reasons_of_appointment(appointment_id: UUID, member: Member, action: str) -> Verdict:
    row = Appointment.objects.select_related("patient", "practitioner").filter(pk=appointment_id).first()
    if row is None:
        return Verdict(False, [Why("object_not_here", "refuses", "There is no such appointment in this clinic.")])
    allowed = Appointment.objects.visible_to(member, action).filter(pk=row.pk).exists()
    reasons = []
    if member.reach(action) == Reach.OWN:
        if row.practitioner.user_id == member.user_id:
            reasons.append(Why("performs", "allows", "The person is its practitioner."))
        reasons += [why for why in reasons_of_chart(row.patient_id, member, action).reasons if why.code in RELATIONS]
    if not allowed:
        reasons.append(Why("not_ones_own", "refuses", "The role has this for its own appointments only; this is none of them."))
    return Verdict(allowed, reasons)


RELATIONS = ("own_record", "guardian", "break_glass")
explains("appointment", reasons_of_appointment)
