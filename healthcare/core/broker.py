"""How many messages wait in the broker? Only messages: the work itself is in the job rows."""

import redis

from healthcare.core.job_queues import names
from healthcare.core.throttles import store


def depths() -> dict[str, int]:
    """Messages by queue. Raises redis.RedisError while the broker is away."""
    queues = names()
    with store().pipeline(transaction=False) as pipe:
        for name in queues:
            pipe.llen(name)
        return dict(zip(queues, map(int, pipe.execute()), strict=True))


def full(limit: int) -> list[str]:
    """Queues with `limit` messages or more; none while the broker is away."""
    try:
        return [name for name, depth in depths().items() if depth >= limit]
    except redis.RedisError:
        return []
