"""How long does an answer take that must not tell who exists? A beat, or two on a busy day, whoever it is about."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings

from healthcare.core.errors import TooMany


class Pace:
    told = False

    def may_be_told(self) -> None:
        """This answer says who it is about anyhow (they proved themselves): it need not wait."""
        self.told = True


@contextmanager
def paced() -> Iterator[Pace]:
    """What is done within, an answer or a refusal, takes SIGN_IN_BEAT seconds, or where that is too short on a busy machine,
    twice as long, and so on: always a whole number of beats. No transaction may be open around it.

    Past a limit nobody waits: known and unknown are counted alike, and a flood is to cost us nothing.

    What is known already costs a millisecond less than what is new (a row that is there, a count that goes on), and a clock
    that is patient enough would hear that.
    """
    began, pace = time.monotonic(), Pace()
    try:
        yield pace
    except TooMany:
        pace.may_be_told()
        raise
    finally:
        if not pace.told and settings.SIGN_IN_BEAT:
            time.sleep(settings.SIGN_IN_BEAT - (time.monotonic() - began) % settings.SIGN_IN_BEAT)
