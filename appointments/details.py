"""What do apps above add to an appointment's answer, and what must they lock before its row? They register here.

    details.register("token", tokens_of)           # tokens_of([appointment, …]) -> {appointment.id: JSON-ready value}
    details.lock_before(lock_queue_of)             # lock_queue_of(appointment_id) -> None

Locks are taken in one order by everybody: queue, appointment, practitioner and patient, claims. A verb of the queue that
moves an appointment holds the queue already; a verb of the appointment takes the queue first through `lock_before`.
"""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from appointments.models import Appointment

Loader = Callable[[Sequence[Appointment]], dict[UUID, Any]]
Locker = Callable[[UUID], None]

_loaders: dict[str, Loader] = {}
_lockers: list[Locker] = []


def register(name: str, load: Loader) -> None:
    """`load` answers for many appointments with one query; those it does not name answer null."""
    _loaders[name] = load


def lock_before(lock: Locker) -> None:
    if lock not in _lockers:
        _lockers.append(lock)


def load(appointments: Sequence[Appointment]) -> dict[str, dict[UUID, Any]]:
    """By name and id, what the apps above have to say of these appointments."""
    return {name: loader(appointments) for name, loader in _loaders.items()} if appointments else {}


def lock(appointment_id: UUID) -> None:
    for locker in _lockers:
        locker(appointment_id)
