"""What does the ticker do about work that is owed? It announces what is due, takes back what a dead worker held, wakes.

Rows are the truth: a message that was lost, or carried by a worker that was killed, is made up for by counting. Only as many
wake-ups as there are jobs, and no more of them where messages pile up because nobody takes them.
"""

from collections import Counter
from datetime import datetime, timedelta

import redis
from django.db import connection, transaction
from django.db.models import Count
from django.utils import timezone

from healthcare.core import broker, holding, waking
from healthcare.core.models import Job
from healthcare.core.tenancy import on_platform

LOST = timedelta(seconds=2)  # an announced job that nobody has taken for so long may have lost its message
AT_ONCE = 5000  # rows a round
MESSAGES = 500  # jobs that are told of in a queue in one round

ANNOUNCE = """
UPDATE job SET sent_at = %s WHERE id IN (
    SELECT id FROM job WHERE state = 'ready' AND due_at <= %s AND sent_at IS NULL
    ORDER BY due_at LIMIT %s FOR UPDATE SKIP LOCKED)
RETURNING queue
"""


def send_owed() -> int:
    """One round. Answers how many wake-ups went out."""
    now = timezone.now()
    with on_platform(), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(ANNOUNCE, [now, now, AT_ONCE])
        wanted = Counter(queue for (queue,) in cursor.fetchall())
        cursor.execute(holding.TAKE_BACK, [now, AT_ONCE, now])
        wanted += Counter(queue for (queue,) in cursor.fetchall())
    wanted += _unheard(now - LOST)
    return sum(_wake(queue, number) for queue, number in wanted.items())


def _unheard(before: datetime) -> Counter[str]:
    """Jobs announced a while ago that still wait, less the messages that wait with them."""
    waiting = Job.objects.filter(state=Job.State.READY, sent_at__lt=before)
    with on_platform():
        counted = dict(waiting.order_by().values_list("queue").annotate(Count("id")))
    if not counted:
        return Counter()
    depths = _depths()
    return Counter({queue: min(number, MESSAGES) - depths.get(queue, 0) for queue, number in counted.items()})


def _wake(queue: str, number: int) -> int:
    number = max(0, min(number, MESSAGES))
    waking.wake(queue, number)
    return number


def _depths() -> dict[str, int]:
    try:
        return broker.depths()
    except redis.RedisError:
        return {}
