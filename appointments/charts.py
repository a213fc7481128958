"""What does the chart room ask of appointments? Whose one is, an emergency now, what is ahead; what follows a merge."""

import datetime as dt
from typing import Any
from uuid import UUID

from django.utils import timezone

from accounts.membership import Member
from appointments.models import Appointment, Claim, Priority
from appointments.services.claims import take
from appointments.workflow import State
from healthcare.core.errors import Reason, Refused
from healthcare.core.events import listens_to
from patients.events import PatientsMerged, PatientsUnmerged
from patients.models import Patient
from patients.services.consenting import exception
from patients.services.entries import appointments_by
from patients.services.erasing import obstacle
from patients.services.exporting import part

AT_HAND = (State.CHECKED_IN, State.WAITING, State.IN_PROGRESS, State.ON_HOLD)
PATIENT = Claim.Resource.PATIENT
EXPECTED = (State.PENDING, State.SCHEDULED, State.CONFIRMED)
EMERGENCY = dt.timedelta(hours=24)


def is_theirs(patient: Patient, appointment_id: UUID) -> bool:
    return Appointment.objects.filter(pk=appointment_id, patient=patient).exists()


def in_an_emergency(patient: Patient, member: Member) -> bool:
    """The member is the practitioner of an emergency appointment of this patient, who is here (45 CFR 164.522(a)(1)(iii))."""
    since = timezone.now() - EMERGENCY
    here = Appointment.objects.filter(patient=patient, priority=Priority.EMERGENCY, state__in=AT_HAND, starts_at__gte=since)
    return here.filter(practitioner__user=member.user_id).exists()


class AppointmentsOverlap(Refused):
    code = "appointments_overlap"
    detail = "Both charts have an appointment at the same time; cancel or move one first."


@obstacle
def appointments_ahead(patient: Patient, now: dt.datetime) -> Reason | None:
    """Who is still expected is not erased."""
    ahead = Appointment.objects.filter(patient=patient, starts_at__gte=now, state__in=EXPECTED).exists()
    return Reason("appointments_ahead", "Appointments are ahead; cancel them first.") if ahead else None


@listens_to(PatientsMerged)
def hold_for_the_target(event: PatientsMerged) -> None:
    """The appointments themselves moved with the chart; their claims name it by id."""
    _held_by(Claim.objects.filter(resource=PATIENT, resource_id=event.source_id), event.target_id)


@listens_to(PatientsUnmerged)
def hold_for_the_source(event: PatientsUnmerged) -> None:
    back = Appointment.objects.filter(patient=event.source_id)
    held = Claim.objects.filter(resource=PATIENT, resource_id=event.target_id, appointment__in=back)
    _held_by(held, event.source_id)


def _held_by(held: Any, patient_id: UUID) -> None:
    """A claim is never changed: given back, and taken for the other. Raises AppointmentsOverlap."""
    rows = list(held.order_by("pk"))
    held.delete()
    kept = ("appointment_id", "group_id", "resource", "lane", "during", "expires_at")
    wanted = [Claim(resource_id=patient_id, **{name: getattr(row, name) for name in kept}) for row in rows]
    if wanted and len(take(wanted)) < len(wanted):
        raise AppointmentsOverlap


def told(patient: Patient) -> list[dict[str, Any]]:
    """The patient's appointments, for the export of their record."""
    rows = Appointment.objects.filter(patient=patient).select_related("practitioner").order_by("starts_at")
    return [
        {
            "id": str(row.pk),
            "kind": row.kind,
            "practitioner": row.practitioner.name,
            "starts_at": row.starts_at.isoformat(),
            "ends_at": row.ends_at.isoformat(),
            "state": row.state,
            "reason": row.reason,
        }
        for row in rows
    ]


part("appointments", told)
appointments_by(is_theirs)
exception("emergency", in_an_emergency)
