"""How does staff move a queue on? One verb a click: call, recall, skip, hold, resume, start, finish.

Every verb locks the queue, then the appointment, changes the token, brings the appointment along, writes one entry of the
log, and tells the sockets after commit. `by` is the person's user id. Raises WrongStatus, QueueClosed, NotFound, and
WrongState where the appointment is elsewhere.
"""

import datetime as dt
from uuid import UUID

from django.db import transaction

from appointments.queue import verbs
from appointments.queue.models import Queue, Token
from appointments.queue.services import line
from appointments.queue.services.locks import open_one, token_in
from appointments.queue.services.log import record, remembered
from appointments.queue.services.truth import lead
from appointments.queue.verbs import Verb
from healthcare.core.errors import Refused

S = Token.Status


class QueueEmpty(Refused):
    code = "queue_empty"
    detail = "Nobody is waiting in this queue."


@transaction.atomic
def call_next(*, queue: Queue, by: UUID | None, now: dt.datetime) -> Token:
    """Call whoever is first in line. Raises QueueEmpty."""
    held = open_one(queue.pk)
    token = Token.objects.filter(queue=held).waiting().first()
    if token is None:
        raise QueueEmpty
    token.queue = held
    return _take(verbs.allowed("call", token.status), token, by, now)


def recall(*, token: Token, by: UUID | None, now: dt.datetime) -> Token:
    """Call again; also somebody who was skipped and is here after all."""
    return _run("recall", token, by, now)


def skip(*, token: Token, by: UUID | None, now: dt.datetime) -> Token:
    """They did not come when called; they may be recalled or put back in line."""
    return _run("skip", token, by, now)


def hold(*, token: Token, by: UUID | None, now: dt.datetime) -> Token:
    """Set aside (a test is awaited, they stepped out)."""
    return _run("hold", token, by, now)


def resume(*, token: Token, by: UUID | None, now: dt.datetime) -> Token:
    """Back in line, where the merge rule puts them."""
    return _run("resume", token, by, now)


def start(*, token: Token, by: UUID | None, now: dt.datetime) -> Token:
    """They have gone in."""
    return _run("start", token, by, now)


def finish(*, token: Token, by: UUID | None, now: dt.datetime) -> Token:
    """They are done."""
    return _run("finish", token, by, now)


@transaction.atomic
def _run(name: str, token: Token, by: UUID | None, now: dt.datetime) -> Token:
    row = token_in(open_one(token.queue_id), token)
    return _take(verbs.allowed(name, row.status), row, by, now)


def _take(verb: Verb, token: Token, by: UUID | None, now: dt.datetime) -> Token:
    step(verb, token, by=by, now=now)
    lead(token, verb.state, by=by, now=now)
    return token


def step(verb: Verb, token: Token, *, by: UUID | None, now: dt.datetime) -> None:
    """Change the token and write the log; the appointment is the caller's matter, who holds the queue's lock."""
    before, place = remembered(token), None
    token.status = verb.target
    if verb.target == S.CALLED:
        token.called_at, token.calls = now, token.calls + 1
    if verb.target == S.SERVING:
        token.started_at, token.called_at = now, token.called_at or now
    if verb.target == S.FINISHED:
        token.finished_at = now
    if verb.target == S.WAITING:
        place = line.join(token.queue, token)
    token.save()
    record(token.queue, verb.event, token, by=by, now=now, before=before, place=place)
