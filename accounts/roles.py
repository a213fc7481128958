"""Who may do what? One table, permission × role; a cell is all, own or empty. It drives the 403, the rows and the fields.

`own` means: what the person takes part in (a patient their own, a doctor those they treat). `docs/roles.md` shows all of it as
a grid; `manage.py roles_page` writes it. What a clinic's policy may turn from own to all is named in `MAY_BE_OPENED`.
"""

from enum import StrEnum


class Role(StrEnum):
    SUPER_ADMIN = "super_admin"
    SYSTEM_ADMIN = "system_admin"
    CLINIC_ADMIN = "clinic_admin"
    SUPPORT = "support"
    DOCTOR = "doctor"
    NURSE = "nurse"
    THERAPIST = "therapist"
    PHARMACIST = "pharmacist"
    LAB_TECHNICIAN = "lab_technician"
    RADIOLOGIST = "radiologist"
    RECEPTIONIST = "receptionist"
    MEDICAL_ASSISTANT = "medical_assistant"
    BILLING_SPECIALIST = "billing_specialist"
    AUDITOR = "auditor"
    COMPLIANCE_OFFICER = "compliance_officer"
    DATA_ANALYST = "data_analyst"
    PATIENT = "patient"


class Reach(StrEnum):
    """How far a permission goes."""

    ALL = "all"
    OWN = "own"


ABOUT: dict[Role, str] = {
    Role.SUPER_ADMIN: "runs the installation: opens clinics, grants every role",
    Role.SYSTEM_ADMIN: "keeps it running: health, job queues, accounts; no charts",
    Role.CLINIC_ADMIN: "runs a clinic: its people, settings, desk",
    Role.SUPPORT: "helps users of the product: sees which clinics there are, nothing of people",
    Role.DOCTOR: "treats; sees the patients they treat, and what the clinic's policy opens",
    Role.NURSE: "cares for all patients of the clinic",
    Role.THERAPIST: "treats; sees the patients they treat, and what the clinic's policy opens",
    Role.PHARMACIST: "dispenses; sees the patients who are theirs to serve, and what the clinic's policy opens",
    Role.LAB_TECHNICIAN: "tests samples; sees the patients who are theirs to serve, and what the clinic's policy opens",
    Role.RADIOLOGIST: "takes and reads images; sees the patients who are theirs to serve, and what the clinic's policy opens",
    Role.RECEPTIONIST: "the desk: who, when, how to reach them; nothing clinical",
    Role.MEDICAL_ASSISTANT: "the desk and the consulting room: also why somebody comes",
    Role.BILLING_SPECIALIST: "bills; nothing clinical",
    Role.AUDITOR: "reads the audit trail; no charts",
    Role.COMPLIANCE_OFFICER: "reads the audit trail, reviews break-glass, asks why somebody was let in; no charts",
    Role.DATA_ANALYST: "sees figures that name nobody",
    Role.PATIENT: "sees and books for themself",
}

Opened = frozenset[tuple[str, str]]  # (role, permission), each as the clinic's settings write it

PLATFORM_ROLES = frozenset({Role.SUPER_ADMIN, Role.SYSTEM_ADMIN, Role.SUPPORT})
STAFF_ROLES = frozenset(Role) - {Role.PATIENT}

_CARE = (Role.DOCTOR, Role.NURSE, Role.THERAPIST)
_SERVICES = (Role.PHARMACIST, Role.LAB_TECHNICIAN, Role.RADIOLOGIST)
_DESK = (Role.RECEPTIONIST, Role.MEDICAL_ASSISTANT)
_EVERYBODY = tuple(Role)
_EXPLAINERS = (Role.SUPER_ADMIN, Role.CLINIC_ADMIN, Role.COMPLIANCE_OFFICER)

# permission: (roles that have it for all, roles that have it for their own)
TABLE: dict[str, tuple[tuple[Role, ...], tuple[Role, ...]]] = {
    # the clinic and its people
    "clinic.open": ((Role.SUPER_ADMIN,), ()),
    "clinic.list": ((Role.SUPER_ADMIN, Role.SYSTEM_ADMIN, Role.SUPPORT), ()),  # all clinics, whatever their state
    "clinic.close": ((Role.SUPER_ADMIN,), ()),  # and open again; nothing is lost by it
    "clinic.manage": ((Role.SUPER_ADMIN, Role.CLINIC_ADMIN), ()),
    "clinic.settings": (tuple(STAFF_ROLES), ()),  # to read them; they change by clinic.manage
    "user.list": ((Role.SUPER_ADMIN, Role.SYSTEM_ADMIN, Role.CLINIC_ADMIN), ()),
    "user.read_contact": ((Role.SUPER_ADMIN, Role.CLINIC_ADMIN), ()),
    "user.grant": ((Role.SUPER_ADMIN, Role.CLINIC_ADMIN), ()),  # and invite; which role, says MAY_GRANT
    "authz.explain": (_EXPLAINERS, tuple(role for role in Role if role not in _EXPLAINERS)),
    "user.disable": ((Role.SUPER_ADMIN, Role.SYSTEM_ADMIN), ()),
    "practitioner.view": (_EVERYBODY, ()),
    "practitioner.manage": ((Role.CLINIC_ADMIN,), ()),
    # charts
    "patient.view": (
        (Role.CLINIC_ADMIN, Role.NURSE, *_DESK),
        (Role.DOCTOR, Role.THERAPIST, *_SERVICES, Role.PATIENT),
    ),
    "patient.read_contact": (
        (Role.CLINIC_ADMIN, Role.NURSE, *_DESK),
        (Role.DOCTOR, Role.THERAPIST, Role.PATIENT),
    ),
    "patient.enter": ((Role.CLINIC_ADMIN, Role.NURSE, *_DESK), ()),
    "patient.read_insurance": ((Role.CLINIC_ADMIN, Role.BILLING_SPECIALIST, *_DESK), (Role.PATIENT,)),
    "patient.write_insurance": ((Role.CLINIC_ADMIN, Role.BILLING_SPECIALIST, *_DESK), ()),
    "patient.read_clinical": ((Role.NURSE,), (Role.DOCTOR, Role.THERAPIST, Role.PATIENT)),
    "patient.write_clinical": ((Role.NURSE,), (Role.DOCTOR, Role.THERAPIST)),
    "patient.take_vitals": ((Role.NURSE, Role.MEDICAL_ASSISTANT), (Role.DOCTOR, Role.THERAPIST)),
    "patient.read_notes": ((Role.NURSE,), (Role.DOCTOR, Role.THERAPIST, Role.PATIENT)),
    "patient.write_notes": ((Role.NURSE,), (Role.DOCTOR, Role.THERAPIST)),
    "patient.read_medication": ((Role.NURSE,), (Role.DOCTOR, Role.THERAPIST, Role.PHARMACIST, Role.PATIENT)),
    "patient.prescribe": ((), (Role.DOCTOR,)),
    "patient.read_documents": ((Role.NURSE,), (Role.DOCTOR, Role.THERAPIST, *_SERVICES, Role.PATIENT)),
    "patient.add_documents": ((Role.NURSE, *_DESK), (Role.DOCTOR, Role.THERAPIST, *_SERVICES)),
    "patient.read_consents": (
        (Role.CLINIC_ADMIN, Role.NURSE, *_DESK),
        (Role.DOCTOR, Role.THERAPIST, Role.PATIENT),
    ),
    "patient.record_consent": ((Role.NURSE, *_DESK), (Role.PATIENT,)),
    "patient.guard": ((Role.CLINIC_ADMIN, *_DESK), ()),
    "patient.ask_amendment": ((), (Role.PATIENT,)),
    "patient.decide_amendment": ((Role.NURSE,), (Role.DOCTOR, Role.THERAPIST)),
    # an emergency: one chart outside one's rights, for minutes
    "glass.open": ((*_CARE, *_SERVICES), ()),
    "glass.view": ((Role.COMPLIANCE_OFFICER,), (*_CARE, *_SERVICES)),
    "glass.review": ((Role.COMPLIANCE_OFFICER,), ()),
    "patient.merge": ((Role.CLINIC_ADMIN, Role.RECEPTIONIST), ()),
    "patient.link": ((Role.CLINIC_ADMIN, *_DESK), ()),
    "patient.export": ((), (Role.PATIENT,)),
    "patient.import": ((Role.CLINIC_ADMIN,), ()),
    "erasure.ask": ((Role.CLINIC_ADMIN, Role.COMPLIANCE_OFFICER), (Role.PATIENT,)),
    "erasure.confirm": ((Role.CLINIC_ADMIN, Role.COMPLIANCE_OFFICER), ()),
    "erasure.hold": ((Role.CLINIC_ADMIN, Role.COMPLIANCE_OFFICER), ()),
    # appointments
    "appointment.view": (
        (Role.CLINIC_ADMIN, Role.NURSE, *_DESK),
        (Role.DOCTOR, Role.THERAPIST, *_SERVICES, Role.PATIENT),
    ),
    "appointment.book": ((Role.CLINIC_ADMIN, *_DESK), (Role.PATIENT,)),
    "appointment.change": ((Role.CLINIC_ADMIN, *_DESK), (Role.PATIENT,)),
    "appointment.run": ((Role.CLINIC_ADMIN, Role.NURSE, *_DESK), (Role.DOCTOR, Role.THERAPIST)),
    "appointment.read_reason": (
        (Role.NURSE, Role.MEDICAL_ASSISTANT),
        (Role.DOCTOR, Role.THERAPIST, *_SERVICES, Role.PATIENT),
    ),
    "appointment.set_priority": ((Role.CLINIC_ADMIN, Role.NURSE, *_DESK), ()),
    "dashboard.view": (
        (Role.SUPER_ADMIN, Role.SYSTEM_ADMIN, Role.CLINIC_ADMIN, Role.NURSE, *_DESK, Role.DATA_ANALYST),
        (Role.DOCTOR, Role.THERAPIST),
    ),  # figures, no people
    "appointment.reassign": ((Role.CLINIC_ADMIN, Role.NURSE, *_DESK), (Role.DOCTOR, Role.THERAPIST)),
    "appointment.ask_override": ((Role.CLINIC_ADMIN, Role.NURSE, *_DESK), (Role.DOCTOR,)),
    "appointment.override": ((Role.CLINIC_ADMIN, Role.DOCTOR), ()),
    "leave.manage": ((Role.CLINIC_ADMIN, Role.RECEPTIONIST), ()),
    "appointment.overbook": ((Role.CLINIC_ADMIN, Role.DOCTOR), ()),
    # what a kind owes beside the meeting
    "instruction.view": ((Role.CLINIC_ADMIN, Role.NURSE, *_DESK), (Role.DOCTOR, Role.THERAPIST, Role.PATIENT)),
    "station.run": ((Role.CLINIC_ADMIN, Role.NURSE, Role.LAB_TECHNICIAN, *_DESK), (Role.DOCTOR,)),
    "order.view": ((Role.NURSE, Role.LAB_TECHNICIAN, Role.RADIOLOGIST), (Role.DOCTOR, Role.PATIENT)),
    "order.run": ((Role.NURSE, Role.LAB_TECHNICIAN, Role.RADIOLOGIST), ()),
    "follow_up.view": ((Role.CLINIC_ADMIN, Role.NURSE, *_DESK), (Role.DOCTOR, Role.PATIENT)),
    "follow_up.manage": ((Role.CLINIC_ADMIN, Role.NURSE, *_DESK), ()),
    "group.manage": ((Role.CLINIC_ADMIN, *_DESK), ()),
    "group.view": (_EVERYBODY, ()),
    "resource.view": ((Role.CLINIC_ADMIN, *_CARE, *_DESK), ()),
    "resource.manage": ((Role.CLINIC_ADMIN,), ()),
    "availability.view": (_EVERYBODY, ()),
    "appointment.arrive": ((), (Role.PATIENT,)),  # check in by a pass or by place
    "video.join": ((), (Role.DOCTOR, Role.THERAPIST, Role.PATIENT)),
    "video.admit": ((Role.NURSE, Role.MEDICAL_ASSISTANT), (Role.DOCTOR, Role.THERAPIST)),
    "calendar.feed": ((), _EVERYBODY),
    "calendar.sync": ((), (Role.DOCTOR, Role.THERAPIST)),
    "waitlist.view": ((Role.CLINIC_ADMIN, Role.NURSE, *_DESK), (Role.PATIENT,)),
    "waitlist.join": ((Role.CLINIC_ADMIN, *_DESK), (Role.PATIENT,)),
    "course.manage": ((Role.CLINIC_ADMIN,), ()),
    "course.view": ((Role.CLINIC_ADMIN, Role.NURSE, *_DESK), (Role.DOCTOR, Role.THERAPIST, Role.PATIENT)),
    "course.order": ((Role.CLINIC_ADMIN, *_DESK), (Role.DOCTOR, Role.THERAPIST)),
    # money
    "payment.view": ((Role.CLINIC_ADMIN, Role.BILLING_SPECIALIST, Role.RECEPTIONIST), (Role.PATIENT,)),
    "payment.pay": ((Role.CLINIC_ADMIN, Role.BILLING_SPECIALIST, Role.RECEPTIONIST), (Role.PATIENT,)),  # ask for it online
    "payment.take": ((Role.CLINIC_ADMIN, Role.BILLING_SPECIALIST, Role.RECEPTIONIST), ()),  # at the desk; set a price
    "payment.refund": ((Role.CLINIC_ADMIN, Role.BILLING_SPECIALIST), ()),
    "payment.gateway": ((Role.CLINIC_ADMIN,), ()),
    # the live queue
    "queue.view": ((Role.CLINIC_ADMIN, *_CARE, *_DESK), ()),
    "queue.run": ((Role.CLINIC_ADMIN, *_CARE, *_DESK), ()),
    "display.pair": ((Role.CLINIC_ADMIN, *_DESK), ()),
    "realtime.connect": ((Role.CLINIC_ADMIN, *_CARE, *_DESK), (Role.PATIENT,)),
    # being told, being accountable
    "notification.view": ((), _EVERYBODY),
    "event.view": ((Role.CLINIC_ADMIN,), ()),
    "webhook.manage": ((Role.CLINIC_ADMIN,), ()),
    "notification.preview": ((Role.SUPER_ADMIN, Role.CLINIC_ADMIN), ()),
    "figures.view": ((Role.CLINIC_ADMIN, Role.DATA_ANALYST), ()),
    "access_log.view": ((Role.COMPLIANCE_OFFICER,), (Role.PATIENT,)),  # who saw a record
    "audit.view": ((Role.AUDITOR, Role.COMPLIANCE_OFFICER), ()),
    "audit.platform": ((Role.SUPER_ADMIN,), ()),
    "health.view": ((Role.SUPER_ADMIN, Role.SYSTEM_ADMIN), ()),
    "jobs.view": ((Role.SUPER_ADMIN, Role.SYSTEM_ADMIN), ()),
    "jobs.retry": ((Role.SUPER_ADMIN, Role.SYSTEM_ADMIN), ()),
}

# What a clinic may open in its settings (`access.opened`): permission -> the clinical roles that have it for their own and may
# then have it for all patients of that clinic. Reading only; what is not named here stays as the table says.
MAY_BE_OPENED: dict[str, tuple[Role, ...]] = {
    "patient.view": (Role.DOCTOR, Role.THERAPIST, *_SERVICES),
    "patient.read_contact": (Role.DOCTOR, Role.THERAPIST),
    "patient.read_clinical": (Role.DOCTOR, Role.THERAPIST),
    "patient.read_notes": (Role.DOCTOR, Role.THERAPIST),
    "patient.read_medication": (Role.DOCTOR, Role.THERAPIST, Role.PHARMACIST),
    "patient.read_documents": (Role.DOCTOR, Role.THERAPIST, *_SERVICES),
    "patient.read_consents": (Role.DOCTOR, Role.THERAPIST),
    "appointment.view": (Role.DOCTOR, Role.THERAPIST, *_SERVICES),
    "appointment.read_reason": (Role.DOCTOR, Role.THERAPIST, *_SERVICES),
    "instruction.view": (Role.DOCTOR, Role.THERAPIST),
    "order.view": (Role.DOCTOR,),
    "follow_up.view": (Role.DOCTOR,),
    "course.view": (Role.DOCTOR, Role.THERAPIST),
}

# shape of an answer: field -> the permission that shows it. A field not named here is shown to whoever may see the row.
FIELDS: dict[str, dict[str, str]] = {
    "appointment": {
        "patient": "patient.view",
        "reason": "appointment.read_reason",
        "cancel_reason": "appointment.read_reason",
    },
    "patient": {"phone": "patient.read_contact", "email": "patient.read_contact"},
    "user": {"email": "user.read_contact", "phone": "user.read_contact"},
}

# what a chart that was opened in an emergency may be read for as if it were one's own; nothing is written by it
OPENED_BY_GLASS = frozenset(
    {
        *("patient.view", "patient.read_contact", "patient.read_clinical", "patient.read_notes", "patient.read_medication"),
        *("patient.read_documents", "appointment.view", "appointment.read_reason"),
    }
)

# whose role may give (and end) which; nobody gives one above their own. A patient is nobody's to appoint: they join.
MAY_GRANT: dict[Role, frozenset[Role]] = {
    Role.SUPER_ADMIN: STAFF_ROLES,
    Role.CLINIC_ADMIN: STAFF_ROLES - PLATFORM_ROLES,
}
# roles that rule over other people's: giving one wants a recent proof of who gives it
RULING_ROLES = PLATFORM_ROLES | {Role.CLINIC_ADMIN}


def reach(permission: str, roles: frozenset[Role], opened: Opened = frozenset()) -> Reach | None:
    """How far these roles together reach, or None. `opened`: what the clinic's policy opens, as (role, permission).

    A policy widens own to all where `MAY_BE_OPENED` lets it, and does nothing else, whatever it says. Raises KeyError for a
    permission that is not in the table.
    """
    everything, own = TABLE[permission]
    if not roles.isdisjoint(everything) or opening_roles(permission, roles, opened):
        return Reach.ALL
    return Reach.OWN if not roles.isdisjoint(own) else None


def may_be_opened() -> list[tuple[Role, str]]:
    """What a clinic's policy may name, by role."""
    return sorted((role, permission) for permission, roles in MAY_BE_OPENED.items() for role in roles)


def opening_roles(permission: str, roles: frozenset[Role], opened: Opened) -> list[Role]:
    """Those of the roles to which the clinic's policy opens the permission."""
    own, may_be = TABLE[permission][1], MAY_BE_OPENED.get(permission, ())
    return [role for role in may_be if role in roles and role in own and (role, permission) in opened] if opened else []
