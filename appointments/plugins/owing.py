"""Which work does a step of an appointment owe, as its kind says? Jobs only: each in the queue of its department."""

from __future__ import annotations

from typing import TYPE_CHECKING

from healthcare.core.jobs import enqueue

if TYPE_CHECKING:
    from appointments.models import Appointment
    from appointments.plugins.base import Kind

MADE = ("book", "confirm", "reschedule", "reassign")  # the time is (newly) agreed
GONE = ("cancel", "no_show", "expire", "transfer")
# job that writes a kind's instructions: its queue. A kind names one in `work`.
CARE = {
    "viddhakarma.care": "vidhakarma",
    "panchakarma.care": "panchakarma",
    "therapy.care": "ayurveda-therapy",
    "kind.care": "enhanced-appointment",
}


def after_step(kind: Kind, verb: str, appointment: Appointment) -> None:
    if verb not in (*MADE, *GONE, "complete"):
        return
    if kind.advice:
        _owe(kind.work, verb, appointment)
    if kind.stations:
        _owe("checkup.stations", verb, appointment)
    if kind.specimen is not None:
        _owe("service.order", verb, appointment)
    if kind.follow_up is not None and verb == "complete":
        _owe("follow_up.set", verb, appointment)
    if kind.code == "follow_up" and verb in MADE:
        _owe("follow_up.close", verb, appointment)


def _owe(job: str, verb: str, appointment: Appointment) -> None:
    """The job looks at the appointment as it is when it runs: so one that comes late does what is right by then."""
    enqueue(job, key=f"{job}:{appointment.pk}:{verb}:{appointment.version}", appointment_id=appointment.pk)
