"""What does a browser send to the desk's pages, and what do they say?"""

from typing import Any

from accounts.roles import Role
from appointments.models import Appointment
from appointments.tests.scene import at
from healthcare.core.tenancy import in_clinic

LIST = "/admin/appointments/appointment/"
ADD = f"{LIST}add/"
DAY = "2030-06-03"
ROLES = (Role.CLINIC_ADMIN, Role.RECEPTIONIST, Role.MEDICAL_ASSISTANT, Role.NURSE, Role.DOCTOR, Role.AUDITOR, Role.SUPER_ADMIN)


def form(doctor: Any, chart: Any, start: str = "", **more: str) -> dict[str, str]:
    sent = {"mrn": chart.mrn, "kind": "consultation", "practitioner": str(doctor.pk), "day": DAY, **more}
    return {**sent, "pick": f"{doctor.pk} {at(start).isoformat()}"} if start else sent


def move(doctor: Any, row: Any, start: str = "", **more: str) -> dict[str, str]:
    sent = {"practitioner": str(doctor.pk), "day": DAY, "version": str(row.version), **more}
    return {**sent, "pick": f"{doctor.pk} {at(start).isoformat()}"} if start else sent


def offered(page: Any) -> list[str]:
    return [time["text"] for time in page.context["times"]] if "times" in page.context else []


def codes(page: Any) -> list[str]:
    return [fault["code"] for fault in page.context["form"].faults()]


def chosen(client: Any, action: str, *rows: Any) -> list[str]:
    answer = client.post(LIST, {"action": action, "_selected_action": [str(one.pk) for one in rows], "index": "0"}, follow=True)
    return [str(message) for message in answer.context["messages"]] if answer.context else []


def page_of(client: Any, *rows: Any, **more: Any) -> Any:
    """The page that asks why these should be cancelled."""
    return client.post(LIST, {"action": "cancel", "_selected_action": [str(one.pk) for one in rows], "index": "0", **more})


def cancelled(client: Any, page: Any, reason: str = "", path: str = LIST) -> list[str]:
    """Send that page; what is said then."""
    sent = {"action": "cancel", "seen": page.context["seen"], "reason": reason}
    answer = client.post(path, {**sent, "_selected_action": [str(row.pk) for row in page.context["able"]]}, follow=True)
    return [str(message) for message in answer.context["messages"]]


def now_is(clinic: Any, row: Any) -> Any:
    with in_clinic(clinic):
        return Appointment.objects.get(pk=row.pk)
