"""What of a token may be seen on a wall? A number, a status, a place, a desk: never a name or anything that leads to one."""

from collections.abc import Iterable, Sequence
from typing import Any

from appointments.queue.models import Queue, Token

PAST = 12  # calls that are over and still shown as "called before"


def face(token: Token, queue: Queue, place: int | None) -> dict[str, Any]:
    """JSON-ready. `place` is the token's rank among those who wait, from 1."""
    return {
        "id": str(token.id),
        "number": token.number,
        "status": str(token.status),
        "place": place if token.status == Token.Status.WAITING else None,
        "queue": str(queue.id),
        "desk": queue.desk,
        "called_at": token.called_at.isoformat() if token.called_at else None,
        "priority": token.priority,
    }


def ranked(tokens: Iterable[Token]) -> list[tuple[Token, int | None]]:
    """The tokens of one queue with their places: those who wait in order, then the others, the newest call first."""
    tokens = list(tokens)
    line = sorted((t for t in tokens if t.status == Token.Status.WAITING), key=lambda t: (t.place, t.serial))
    others = sorted((t for t in tokens if t.status != Token.Status.WAITING), key=_last_called, reverse=True)
    return [*((t, i) for i, t in enumerate(line, 1)), *((t, None) for t in others)]


def board(queue: Queue, tokens: Sequence[Token]) -> dict[str, Any]:
    """A queue as a screen shows it."""
    return {**heading(queue), "tokens": [face(t, queue, place) for t, place in ranked(shown(tokens))]}


def heading(queue: Queue) -> dict[str, Any]:
    practitioner = queue.practitioner
    return {
        "id": str(queue.id),
        "label": queue.label,
        "prefix": queue.prefix,
        "day": queue.day.isoformat(),
        "practitioner": {"id": str(practitioner.id), "name": str(practitioner)},
        "room": practitioner.room,
        "is_open": queue.is_open,
    }


def shown(tokens: Sequence[Token]) -> list[Token]:
    """Everybody who is still here, and the last few who were called."""
    over = sorted((t for t in tokens if t.status == Token.Status.FINISHED), key=_last_called, reverse=True)
    return [t for t in tokens if t.status in _STILL_HERE] + over[:PAST]


_STILL_HERE = (Token.Status.WAITING, Token.Status.CALLED, Token.Status.SERVING, Token.Status.HELD, Token.Status.SKIPPED)


def _last_called(token: Token) -> tuple[float, int]:
    return token.called_at.timestamp() if token.called_at else 0.0, token.serial
