"""How does staff put right what the rule or a click got wrong? Reorder the line; undo the last verb on a token."""

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from django.db import transaction

from appointments.queue import verbs
from appointments.queue.models import Queue, QueueEvent, Token
from appointments.queue.services import line
from appointments.queue.services.locks import open_one, token_in
from appointments.queue.services.log import put_back, record, remembered
from appointments.queue.services.truth import lead
from appointments.queue.verbs import AGREES
from appointments.workflow import State
from healthcare.core.errors import Refused


class LineChanged(Refused):
    code = "line_changed"
    detail = "These are not the tokens that wait in this queue now; read it again."


class NothingToUndo(Refused):
    code = "nothing_to_undo"
    detail = "The last thing that happened to this token can't be undone."


@transaction.atomic
def reorder(*, queue: Queue, tokens: Sequence[UUID], by: UUID | None, now: dt.datetime) -> Queue:
    """Put those who wait in this order. Raises LineChanged unless it names each of them once."""
    held = open_one(queue.pk)
    waiting = {token.id: token for token in Token.objects.filter(queue=held).waiting()}
    if sorted(tokens) != sorted(waiting):
        raise LineChanged
    before = list(waiting)
    line.arrange([waiting[i] for i in tokens])
    for index, moved in _moves(before, tokens):
        waiting[moved].queue = held
        record(held, verbs.REORDERED, waiting[moved], by=by, now=now, place=index + 1)
    return held


@transaction.atomic
def undo(*, token: Token, by: UUID | None, now: dt.datetime) -> Token:
    """Take the last verb on this token back, and its appointment with it. Raises NothingToUndo."""
    row = token_in(open_one(token.queue_id), token)
    last = QueueEvent.objects.filter(token=row).order_by("-seq").first()
    if last is None or last.event not in verbs.CAN_BE_UNDONE:
        raise NothingToUndo
    before = remembered(row)
    put_back(row, last.before)
    row.save()
    lead(row, _state_of(row), by=by, now=now)
    record(row.queue, verbs.UNDONE, row, by=by, now=now, before=before)
    return row


def _moves(before: list[UUID], after: Sequence[UUID]) -> list[tuple[int, UUID]]:
    """Steps, left to right, of "take this one to place i, the others move aside" that lead from one to the other."""
    now, moves = list(before), []
    for index, wanted in enumerate(after):
        if now[index] != wanted:
            now.remove(wanted)
            now.insert(index, wanted)
            moves.append((index, wanted))
    return moves


def _state_of(token: Token) -> State:
    return next(state for state, statuses in AGREES.items() if token.status in statuses)
