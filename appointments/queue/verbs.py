"""What may be done with a token, and what does it mean for the appointment? One table: verb, from, to, event, state.

The appointment's workflow is the truth. `state` is where the appointment is after the verb; a walk-in has none.
"""

from typing import NamedTuple

from appointments.queue.models import Token
from appointments.workflow import State
from healthcare.core.errors import Reason, Refused

S = Token.Status


class Verb(NamedTuple):
    name: str
    sources: tuple[Token.Status, ...]
    target: Token.Status
    event: str
    state: State | None


VERBS = (
    Verb("issue", (), S.WAITING, "token.issued", State.WAITING),
    Verb("call", (S.WAITING,), S.CALLED, "token.called", State.WAITING),
    Verb("recall", (S.CALLED, S.SKIPPED), S.CALLED, "token.recalled", State.WAITING),
    Verb("skip", (S.WAITING, S.CALLED), S.SKIPPED, "token.skipped", State.WAITING),
    Verb("hold", (S.WAITING, S.CALLED, S.SERVING, S.SKIPPED), S.HELD, "token.held", State.ON_HOLD),
    Verb("resume", (S.HELD, S.SKIPPED), S.WAITING, "token.resumed", State.WAITING),
    Verb("start", (S.WAITING, S.CALLED, S.SKIPPED, S.HELD), S.SERVING, "token.started", State.IN_PROGRESS),
    Verb("finish", (S.CALLED, S.SERVING), S.FINISHED, "token.finished", State.COMPLETED),
    Verb("transfer", (S.WAITING, S.CALLED, S.HELD, S.SKIPPED), S.TRANSFERRED, "token.transferred", State.WAITING),
    Verb("cancel", (S.WAITING, S.CALLED, S.SERVING, S.HELD, S.SKIPPED), S.CANCELLED, "token.cancelled", None),
)
BY_NAME = {verb.name: verb for verb in VERBS}
REORDERED, UNDONE = "token.reordered", "token.undone"
CAN_BE_UNDONE = tuple(BY_NAME[n].event for n in ("call", "recall", "skip", "hold", "resume", "start", "finish"))

# The token follows when the appointment is moved by somebody else: by the state it came to
FOLLOWS = {
    State.WAITING: "resume",
    State.IN_PROGRESS: "start",
    State.ON_HOLD: "hold",
    State.COMPLETED: "finish",
    State.CANCELLED: "cancel",
    State.NO_SHOW: "cancel",
    State.EXPIRED: "cancel",
    State.TRANSFERRED: "cancel",
}
# … unless it is there already
AGREES = {
    State.WAITING: (S.WAITING, S.CALLED, S.SKIPPED),
    State.IN_PROGRESS: (S.SERVING,),
    State.ON_HOLD: (S.HELD,),
}


class WrongStatus(Refused):
    code = "wrong_status"
    detail = "The token is not in a status from which this can be done."


def allowed(name: str, status: str) -> Verb:
    """The verb, if it may be used on a token of this status. Raises WrongStatus with the statuses it may be used on."""
    verb = BY_NAME[name]
    if status not in verb.sources:
        sources = ", ".join(verb.sources)
        raise WrongStatus(reasons=[Reason("wrong_status", f"{name} follows {sources}; this token is {status}.")])
    return verb
