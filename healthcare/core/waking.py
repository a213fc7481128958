"""Who tells workers that something is owed? A few messages after the commit, however much it was; a lost one costs a delay.

A message names a queue and a number, no job: which is next is found when a worker is free.
"""

import logging

from django.db import connection, transaction

from healthcare.core import breakers

log = logging.getLogger(__name__)
MESSAGES = 8  # at most, for what is told at once: so many places may begin


class Wake:
    """After the commit: workers are told once of all that a transaction owes in one queue."""

    def __init__(self, queue: str) -> None:
        self.queue, self.number, self.is_told = queue, 1, False

    def __call__(self) -> None:
        self.is_told = True
        wake(self.queue, self.number)


def after_commit(queue: str) -> None:
    here = set(connection.savepoint_ids)
    for told_in, call, *_ in connection.run_on_commit:  # one that no rollback takes back which does not take us back, too
        if isinstance(call, Wake) and not call.is_told and call.queue == queue and told_in <= here:
            call.number += 1
            return
    transaction.on_commit(Wake(queue))


def wake(queue: str, number: int = 1) -> None:
    """Tell workers that the queue has so many jobs, in a few messages, so that several may begin. A broker that is away costs
    nothing but the ticker's next round."""
    from healthcare.core.tasks import work_one

    breaker = breakers.named("broker", failures=2, rest=1)
    for share in shares(number, MESSAGES):
        if breaker.is_open():
            return
        args = [queue] if share == 1 else [queue, share]
        try:
            work_one.apply_async(args=args, queue=queue, routing_key=queue, retry=False, ignore_result=True)
            breaker.succeeded()
        except Exception as error:
            if breaker.state == "closed":  # one or two lines an outage, not one a try
                log.warning("job.send_failed", extra={"error": type(error).__name__})
            breaker.failed()


def shares(number: int, most: int) -> list[int]:
    """So many jobs in at most so many parts, as even as can be: 10 in 4 is 3, 3, 2, 2."""
    parts = min(number, most)
    return [number // parts + (part < number % parts) for part in range(parts)]
