"""Which step may follow which? One table: verb, from, to. Anything else is refused."""

from enum import StrEnum
from typing import NamedTuple

from healthcare.core.errors import Reason, Refused


class State(StrEnum):
    PENDING = "pending"
    SCHEDULED = "scheduled"
    CONFIRMED = "confirmed"
    CHECKED_IN = "checked_in"
    WAITING = "waiting"
    IN_PROGRESS = "in_progress"
    ON_HOLD = "on_hold"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    NO_SHOW = "no_show"
    EXPIRED = "expired"
    TRANSFERRED = "transferred"


class Step(NamedTuple):
    """`permission` is who may; a step without one is taken by the product itself."""

    verb: str
    sources: tuple[State, ...]
    target: State
    permission: str


BEFORE = (State.PENDING, State.SCHEDULED, State.CONFIRMED)
_HERE = (State.CHECKED_IN, State.WAITING)

STEPS = (
    Step("book", (), State.SCHEDULED, "appointment.book"),
    Step("reserve", (), State.PENDING, "appointment.book"),  # a hold: confirmed in time, or it expires
    Step("confirm", (State.PENDING, State.SCHEDULED), State.CONFIRMED, "appointment.change"),
    Step("check_in", BEFORE, State.CHECKED_IN, "appointment.run"),
    Step("wait", (State.CHECKED_IN,), State.WAITING, ""),
    Step("start", (*_HERE, State.ON_HOLD), State.IN_PROGRESS, "appointment.run"),
    Step("hold", (*_HERE, State.IN_PROGRESS), State.ON_HOLD, "appointment.run"),
    Step("resume", (State.ON_HOLD,), State.WAITING, "appointment.run"),
    Step("take_back", (State.IN_PROGRESS, State.COMPLETED), State.WAITING, ""),  # staff undid a click at the queue
    Step("complete", (State.IN_PROGRESS, *_HERE), State.COMPLETED, "appointment.run"),
    Step("no_show", (*BEFORE, *_HERE), State.NO_SHOW, "appointment.run"),
    Step("cancel", (*BEFORE, *_HERE, State.ON_HOLD), State.CANCELLED, "appointment.change"),
    Step("reschedule", BEFORE, State.SCHEDULED, "appointment.change"),
    Step("reassign", BEFORE, State.SCHEDULED, "appointment.reassign"),
    Step("transfer", (*BEFORE, *_HERE, State.ON_HOLD), State.TRANSFERRED, "appointment.reassign"),
    Step("expire", (State.PENDING,), State.EXPIRED, ""),
)
BY_VERB = {step.verb: step for step in STEPS}
# Their claims stand; of all others they are freed. Completed ones keep theirs: that time was used.
HOLDS_TIME = (*BEFORE, *_HERE, State.IN_PROGRESS, State.ON_HOLD, State.COMPLETED)
FINAL = (State.COMPLETED, State.CANCELLED, State.NO_SHOW, State.EXPIRED, State.TRANSFERRED)


class WrongState(Refused):
    code = "wrong_state"
    detail = "The appointment is not in a state from which this can be done."


def step(verb: str, state: State | str) -> Step:
    """The step that `verb` takes from `state`. Raises WrongState with the states it could be taken from."""
    found = BY_VERB[verb]
    if state not in found.sources:
        allowed = ", ".join(found.sources) or "nothing"
        raise WrongState(reasons=[Reason("wrong_state", f"{verb} follows {allowed}; this appointment is {state}.")])
    return found
