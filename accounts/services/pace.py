"""How long does an answer take that must not tell who exists? So long at least, whoever it is about."""

import time

from django.conf import settings


def wait(begun: float) -> None:
    """Until SIGN_IN_FLOOR seconds have passed since `begun` (of the monotonic clock), after all is written.

    What is known already costs a millisecond less than what is new (a row that is there, a count that goes on), and a clock
    that is patient enough would hear that.
    """
    time.sleep(max(0.0, begun + settings.SIGN_IN_FLOOR - time.monotonic()))
