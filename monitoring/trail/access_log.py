"""Who saw a patient's record? For the patient, and for compliance officers: when, who (name and role), what, for which purpose.

Source: HIPAA 45 CFR 164.528 (accounting of disclosures) and 164.312(b). What the product did by itself is left out: nobody
saw it.
"""

from typing import Any, NamedTuple
from uuid import UUID

from accounts.models import Membership, User
from accounts.roles import Reach
from healthcare.core.errors import NotFound
from healthcare.core.fields import warm
from healthcare.core.tenancy import current_clinic, on_platform
from monitoring.trail.entry import Action, ActorKind
from monitoring.trail.models import ClinicAuditEntry
from patients.models import Patient

PERMISSION = "access_log.view"


class Who(NamedTuple):
    name: str
    roles: list[str]


def chart_for(member: Any, patient_id: UUID) -> Patient:
    """The chart whose log the member may read. Raises NotFound: patients read that of their own chart only."""
    charts = Patient.objects.filter(pk=patient_id)
    if member.reach(PERMISSION) != Reach.ALL:
        charts = charts.filter(user=member.user_id)
    if (found := charts.first()) is None:
        raise NotFound
    return found


def entries_about(patient_id: UUID, *, disclosures: bool = False) -> Any:
    rows = ClinicAuditEntry.objects.filter(subjects__contains=[patient_id]).exclude(actor_kind=ActorKind.SYSTEM)
    return rows.filter(action=Action.EXPORT) if disclosures else rows


def who_are(ids: set[UUID]) -> dict[UUID, Who]:
    """Names and roles in the current clinic (held now or once) of a page of people, in two statements."""
    clinic_id = current_clinic().id
    with on_platform():
        people = list(User.objects.filter(pk__in=ids).only("id", "first_name", "last_name"))
        warm(people)
        held = Membership.objects.filter(user__in=ids, clinic_id=clinic_id).values_list("user_id", "role")
        roles: dict[UUID, set[str]] = {}
        for user_id, role in held:
            roles.setdefault(user_id, set()).add(role)
        return {one.pk: Who(f"{one.first_name} {one.last_name}".strip(), sorted(roles.get(one.pk, ()))) for one in people}
