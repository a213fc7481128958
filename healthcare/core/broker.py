"""How many messages wait in the broker? Only messages: the work itself is in the job rows."""

from healthcare.core.job_queues import names
from healthcare.core.throttles import store


def depths() -> dict[str, int]:
    """Messages by queue. Raises redis.RedisError while the broker is away."""
    queues = names()
    with store().pipeline(transaction=False) as pipe:
        for name in queues:
            pipe.llen(name)
        return dict(zip(queues, map(int, pipe.execute()), strict=True))
