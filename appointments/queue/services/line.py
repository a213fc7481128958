"""Where in the line does somebody stand? Places between their neighbours', so that nobody else's row is written."""

from collections.abc import Sequence
from decimal import Decimal

from appointments.queue import merge
from appointments.queue.merge import Waiter
from appointments.queue.models import Queue, Token

STEP = Decimal(1024)  # between two places; halved some thirty times before the line is numbered anew


def join(queue: Queue, token: Token) -> int:
    """Give the token its place by the merge rule; answers its rank, from 1. The caller holds the queue's lock and saves."""
    line = [t for t in Token.objects.filter(queue=queue).waiting() if t.id != token.id]
    index = merge.index_for(waiter(token), [waiter(t) for t in line], merge.rule())
    place = _between(line, index)
    if place is None:
        arrange(line)
        place = _between(line, index)
    assert place is not None
    token.place = place
    return index + 1


def arrange(line: Sequence[Token]) -> None:
    """Number these, in this order, from the start."""
    for number, token in enumerate(line, 1):
        token.place = STEP * number
    Token.objects.bulk_update(line, ["place"])


def _between(line: Sequence[Token], index: int) -> Decimal | None:
    """A place before line[index] and after the one before; None when there is no number left."""
    low = line[index - 1].place if index else Decimal(0)
    if index == len(line):
        return low + STEP
    place = ((low + line[index].place) / 2).quantize(Decimal("0.000001"))
    return place if low < place < line[index].place else None


def waiter(token: Token) -> Waiter:
    """What the merge rule may know of a token."""
    return Waiter(token.priority, token.due_at, token.arrived_at, token.serial)
