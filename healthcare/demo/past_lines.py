"""How did the lines of days gone by go? Numbers and logs for the visits that are over, so that a wait can be learned from them.

In bulk, at the times at which the visits' own history says that people came, went in and left.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Sequence
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction

from appointments.models import Appointment, Practitioner
from appointments.queue import faces
from appointments.queue.models import Queue, QueueEvent, Token
from appointments.queue.services.opening import PREFIXES
from appointments.workflow import State
from healthcare.core.context import acting_as
from healthcare.demo.clinics import DemoClinic
from healthcare.demo.diary import visit
from healthcare.demo.ids import seeded_id

Line = list[Appointment]


@transaction.atomic
def remember(demo: DemoClinic, practitioners: Sequence[Practitioner], by: UUID, now: dt.datetime) -> int:
    """Enter the queues of every day before today that has visits and none. Answers how many."""
    zone = ZoneInfo(demo.zone)
    over = Appointment.objects.filter(practitioner__in=practitioners, state=State.COMPLETED, tokens=None, starts_at__lt=now)
    lines: dict[tuple[UUID, dt.date], Line] = defaultdict(list)
    for row in over.select_related("practitioner").order_by("starts_at", "id"):
        lines[row.practitioner_id, row.starts_at.astimezone(zone).date()].append(row)
    there, taken = set(Queue.objects.values_list("practitioner_id", "day")), set(Queue.objects.values_list("day", "prefix"))
    today = now.astimezone(zone).date()
    wanted = {key: line for key, line in lines.items() if key[1] < today and key not in there}
    letters = {card.pk: number for number, card in enumerate(practitioners)}
    with acting_as(actor_id=by, purpose="demo"):
        made = [_line(demo, _letter(letters[whose], day, taken), day, line, by) for (whose, day), line in wanted.items()]
        Queue.objects.bulk_create([queue for queue, _, _ in made])
        Token.objects.bulk_create([token for _, tokens, _ in made for token in tokens], batch_size=500)
        QueueEvent.objects.bulk_create([event for _, _, log in made for event in log], batch_size=1000)
    return len(made)


def _letter(number: int, day: dt.date, taken: set[tuple[dt.date, str]]) -> str:
    """The practitioner's own, unless somebody had it that day."""
    found = next(one for one in (*PREFIXES[number:], *PREFIXES[:number]) if (day, one) not in taken)
    taken.add((day, found))
    return found


def _line(demo: DemoClinic, letter: str, day: dt.date, line: Line, by: UUID) -> tuple[Queue, list[Token], list[QueueEvent]]:
    opened = visit(line[0]).arrived
    queue = Queue(id=seeded_id(opened, demo.slug, "queue", line[0].practitioner_id, day), practitioner=line[0].practitioner)
    queue.day, queue.prefix, queue.is_open, queue.last_number = day, letter, False, len(line)
    tokens = [_token(queue, number, row) for number, row in enumerate(sorted(line, key=lambda row: visit(row).arrived), 1)]
    log = [_event(queue, seq, *what, by) for seq, what in enumerate(sorted(_happened(tokens), key=lambda one: one[0]), 1)]
    queue.seq = len(log)
    return queue, tokens, log


def _token(queue: Queue, number: int, row: Appointment) -> Token:
    times = visit(row)
    return Token(
        id=seeded_id(times.arrived, queue.id, number),
        queue=queue,
        appointment=row,
        patient_id=row.patient_id,
        serial=number,
        number=f"{queue.prefix}-{number:03d}",
        status=Token.Status.FINISHED,
        priority=row.priority,
        place=number,
        due_at=row.starts_at,
        arrived_at=times.arrived,
        called_at=times.started,
        calls=1,
        started_at=times.started,
        finished_at=times.left,
    )


def _happened(tokens: Sequence[Token]) -> Iterator[tuple[dt.datetime, int, str, Token]]:
    """When, in which order within an instant, what, to whom."""
    for token in tokens:
        for order, (event, at) in enumerate(
            (
                ("token.issued", token.arrived_at),
                ("token.called", token.called_at),
                ("token.started", token.started_at),
                ("token.finished", token.finished_at),
            )
        ):
            assert at is not None
            yield at, order, event, token


def _event(queue: Queue, seq: int, at: dt.datetime, order: int, event: str, token: Token, by: UUID) -> QueueEvent:
    face = {**faces.face(token, queue, None), "status": event.partition(".")[2]}
    return QueueEvent(
        id=seeded_id(at, queue.id, "event", seq), queue=queue, seq=seq, event=event, token=token, face=face, at=at, by=by
    )
