"""What does the queue do when something happens to an appointment?"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.utils import timezone

from appointments import details
from appointments.events import AppointmentBooked, AppointmentCancelled, AppointmentMoved, AppointmentStepped, PatientArrived
from appointments.models import Appointment
from appointments.queue import events, faces, verbs
from appointments.queue.dashboard import QUEUES
from appointments.queue.models import Token
from appointments.queue.services.following import follow
from appointments.queue.services.locks import lock_queues_of
from appointments.queue.services.tokens import arrive
from appointments.queue.tasks import NO_SHOW_AFTER, TELL
from appointments.queue.waits import following
from appointments.workflow import BEFORE, State
from healthcare.core.cache import APPOINTMENTS, EMERGENCY
from healthcare.core.context import acting
from healthcare.core.events import Event, listens_to
from healthcare.core.jobs import enqueue

ISSUED = verbs.BY_NAME["issue"].event


@listens_to(PatientArrived)
def give_a_number(event: PatientArrived) -> None:
    arrive(appointment=event.appointment, by=acting().actor_id, now=timezone.now())


@listens_to(AppointmentStepped)
def move_the_token(event: AppointmentStepped) -> None:
    follow(appointment_id=event.appointment_id, state=State(event.to_state), by=acting().actor_id, now=timezone.now())


@listens_to(AppointmentCancelled)
def take_the_token_out(event: AppointmentCancelled) -> None:
    follow(appointment_id=event.appointment_id, state=State.CANCELLED, by=acting().actor_id, now=timezone.now())


@listens_to(AppointmentBooked, AppointmentMoved)
def watch_for_a_no_show(event: AppointmentBooked | AppointmentMoved) -> None:
    enqueue(
        "queue.no_show",
        key=f"queue.no_show:{event.appointment_id}:{event.version}",
        after=max(event.appointment.ends_at + NO_SHOW_AFTER - timezone.now(), NO_SHOW_AFTER),
        appointment_id=event.appointment_id,
        version=event.version,
    )


@listens_to(events.TokenStepped)
def keep_what_is_told(event: events.TokenStepped) -> None:
    if event.event == ISSUED:
        enqueue(TELL, key=f"{TELL}:{event.token_id}", token_id=event.token_id)


def tokens_of(appointments: Sequence[Appointment]) -> dict[UUID, Any]:
    """The newest number of each appointment that has one."""
    came = [a.pk for a in appointments if a.state not in BEFORE]  # nobody else has a number, and most ask for these
    rows = Token.objects.filter(appointment__in=came).select_related("queue__practitioner")
    newest = {token.appointment_id: token for token in rows.order_by("arrived_at", "id")}
    places = _places(newest.values())
    return {i: _shown(token, places.get(token.id)) for i, token in newest.items() if i is not None}


def _shown(token: Token, place: int | None) -> dict[str, Any]:
    return {**faces.face(token, token.queue, place), "follow": following.link(token)}


def _places(tokens: Any) -> dict[UUID, int]:
    waiting = {token.queue_id for token in tokens if token.status == Token.Status.WAITING}
    places: dict[UUID, int] = {}
    if not waiting:
        return places
    count: dict[UUID, int] = {}
    line = Token.objects.waiting().filter(queue__in=waiting).order_by("queue", "place", "serial")
    for token_id, queue_id in line.values_list("id", "queue_id"):
        count[queue_id] = places[token_id] = count.get(queue_id, 0) + 1
    return places


details.register("token", tokens_of)
details.lock_before(lock_queues_of)


@listens_to(*(one for one in vars(events).values() if isinstance(one, type) and issubclass(one, Event) and one is not Event))
def forget_figures(event: Event) -> None:
    APPOINTMENTS.forget(subject=QUEUES)
    EMERGENCY.forget(subject=QUEUES)
