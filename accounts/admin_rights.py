"""What may a member of staff do in the admin? The role table's answer to Django's questions; what is not mapped is no.

Django asks "<app>.<action>_<model>". Pages of a clinic's data count the roles held in the chosen clinic (and on the
platform); pages of people, clinics and the installation count platform roles only, but for `OF_A_CLINIC`.
"""

from typing import Any
from uuid import UUID

from django.apps import apps
from django.conf import settings

from accounts import membership
from accounts.membership import Member
from accounts.roles import PLATFORM_ROLES, STAFF_ROLES, Role
from healthcare.core.tenancy import clinic_or_none, on_platform

# rows of public that have a clinic: who runs the chosen clinic sees (and ends) those of that clinic, the platform's staff all
OF_A_CLINIC = frozenset({"accounts.view_membership", "accounts.view_invitation"})
Grants = tuple[tuple[UUID | None, Role], ...]

PERMISSIONS: dict[str, str] = {
    # a clinic's own
    "patients.view_patient": "patient.view",
    "patients.view_identifier": "patient.read_contact",
    "patients.view_contact": "patient.read_contact",
    "patients.view_insurance": "patient.read_insurance",
    "patients.view_allergy": "patient.read_medication",
    "patients.view_condition": "patient.read_clinical",
    "patients.view_visit": "patient.read_clinical",
    "patients.view_vital": "patient.read_clinical",
    "patients.view_note": "patient.read_notes",
    "patients.view_prescription": "patient.read_medication",
    "patients.view_constitution": "patient.read_clinical",
    "patients.view_document": "patient.read_documents",
    "appointments.view_appointment": "appointment.view",
    "appointments.add_appointment": "appointment.book",
    "appointments.view_practitioner": "practitioner.view",
    "appointments.add_practitioner": "practitioner.manage",
    "appointments.change_practitioner": "practitioner.manage",
    "appointments.view_weeklytemplate": "practitioner.view",
    "appointments.add_weeklytemplate": "practitioner.manage",
    "appointments.change_weeklytemplate": "practitioner.manage",
    "appointments.delete_weeklytemplate": "practitioner.manage",
    "appointments.view_scheduleexception": "practitioner.view",
    "appointments.add_scheduleexception": "practitioner.manage",
    "appointments.change_scheduleexception": "practitioner.manage",
    "appointments.delete_scheduleexception": "practitioner.manage",
    "appointments.view_resource": "resource.view",
    "appointments.add_resource": "resource.manage",
    "appointments.change_resource": "resource.manage",
    "appointments.view_series": "appointment.view",
    "appointments.add_series": "appointment.book",
    "appointments.view_occurrence": "appointment.view",
    "appointments.view_leave": "leave.manage",
    "appointments.add_leave": "leave.manage",
    "appointments.view_leavehit": "leave.manage",
    "appointments.view_override": "appointment.ask_override",
    "appointments.add_override": "appointment.ask_override",
    "appointments.view_followup": "follow_up.view",
    "appointments.view_serviceorder": "order.view",
    "appointments.view_groupsession": "group.view",
    "appointments.add_groupsession": "group.manage",
    "queue.view_queue": "queue.view",
    "queue.view_token": "queue.view",
    "calendars.view_calendartarget": "clinic.manage",
    "checkin.view_arrival": "appointment.view",
    "courses.view_course": "course.view",
    "courses.add_course": "course.order",
    "courses.view_sitting": "course.view",
    "courses.view_coursetemplate": "course.view",
    "video.view_videoroom": "appointment.view",
    "video.view_videoissue": "appointment.view",
    "waitlist.view_wish": "waitlist.view",
    "waitlist.add_wish": "waitlist.join",
    "waitlist.view_offer": "waitlist.view",
    "payments.view_payment": "payment.view",
    "payments.view_refund": "payment.view",
    "payments.view_gatewayaccount": "payment.gateway",
    "payments.add_gatewayaccount": "payment.gateway",
    "payments.change_gatewayaccount": "payment.gateway",
    "trail.view_clinicauditentry": "audit.view",
    "glass.view_opening": "glass.view",
    # the platform's
    "clinics.view_clinic": "clinic.list",
    "clinics.view_location": "clinic.list",
    "accounts.view_user": "user.list",
    "accounts.view_membership": "user.list",
    "accounts.view_invitation": "user.grant",
    "monitoring.view_platformauditentry": "audit.platform",
}


def is_staff(user: Any) -> bool:
    """Whether the person holds any role but patient, anywhere."""
    return any(role in STAFF_ROLES for _, role in grants_of(user))


def may(user: Any, permission: str) -> bool:
    """Django's question, answered by the role table."""
    named = PERMISSIONS.get(permission)
    return named is not None and Member(user.pk, None, _roles(user, permission)).may(named)


def may_on_platform(user: Any, permission: str) -> bool:
    """A permission of the role table, counting platform roles only."""
    return Member(user.pk, None, _platform_roles(user)).may(permission)


def sees_app(user: Any, app_label: str) -> bool:
    return any(may(user, asked) for asked in PERMISSIONS if asked.startswith(f"{app_label}."))


def member_in(user: Any, clinic: Any) -> Member | None:
    """The person in a clinic, or None where they are no staff."""
    here = frozenset(role for where, role in grants_of(user) if where == clinic.id)
    member = membership.member_in(clinic, user.pk, here | _platform_roles(user))
    return member if member.is_staff else None


def member_for(user: Any, clinic_id: UUID | None) -> Member:
    """Who the person is to something of that clinic (None: of the platform): what they hold there and on the platform."""
    here = frozenset(role for where, role in grants_of(user) if where is not None and where == clinic_id)
    return Member(user.pk, clinic_id, here | _platform_roles(user))


def staff_clinic_ids(user: Any) -> list[UUID] | None:
    """Clinics the person may choose; None for all of them."""
    if _platform_roles(user):
        return None
    return sorted({where for where, role in grants_of(user) if where is not None and role in STAFF_ROLES})


def is_clinics_own(app_label: str) -> bool:
    """Whether the app's tables live in clinics' schemas."""
    return any(config.label == app_label and config.name in settings.TENANT_APPS for config in apps.get_app_configs())


def grants_of(user: Any) -> Grants:
    """What the person holds where; asked once for each time the person is loaded, that is once a request."""
    if getattr(user, "_grants", None) is None:
        with on_platform():
            rows = user.memberships.current().values_list("clinic_id", "role")
            user._grants = tuple((where, Role(role)) for where, role in rows)
    return user._grants  # type: ignore[no-any-return]


def _roles(user: Any, permission: str) -> frozenset[Role]:
    if permission not in OF_A_CLINIC and not is_clinics_own(permission.partition(".")[0]):
        return _platform_roles(user)
    clinic = getattr(user, "chosen_clinic", None) or clinic_or_none()
    if clinic is None:
        return frozenset()
    return _platform_roles(user) | {role for where, role in grants_of(user) if where == clinic.id}


def _platform_roles(user: Any) -> frozenset[Role]:
    return frozenset(role for where, role in grants_of(user) if where is None and role in PLATFORM_ROLES)
