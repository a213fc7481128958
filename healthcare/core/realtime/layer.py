"""How do processes tell each other that a room's log has grown? A hint over Valkey's pub/sub; losing one loses nothing.

The subscribing side (connections, reconnection) is channels-redis' own. The telling side is plain and synchronous: it is
called after commit in request threads and workers, where an event loop per call would be dear and fragile.
"""

import logging
from typing import Any

import redis
from channels.layers import get_channel_layer
from channels_redis.pubsub import RedisPubSubChannelLayer
from channels_redis.utils import decode_hosts
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction

from healthcare.core import breakers

log = logging.getLogger(__name__)
GROUP = "hints"
PATIENCE = 0.5  # seconds a request may lose to a store that does not answer


class HintLayer(RedisPubSubChannelLayer):
    """channels-redis' pub/sub layer, with `hint` to publish from synchronous code in the layer's own format."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        hosts = decode_hosts(kwargs.get("hosts"))
        if len(hosts) != 1:
            raise ImproperlyConfigured("the channel layer needs exactly one host")
        self._topic = f"{kwargs.get('prefix', 'asgi')}__group__{GROUP}"
        self._publisher = redis.Redis.from_url(
            hosts[0]["address"], socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE, retry_on_timeout=False
        )

    def hint(self, room: str, seq: int) -> bool:
        """Say that the room's log has reached `seq`. Answers whether it was said; never raises, never waits long."""
        breaker = breakers.named("hints", failures=3, rest=5)
        if breaker.is_open():
            return False
        try:
            self._publisher.publish(self._topic, self.serialize({"type": "hint", "room": room, "seq": seq}))
        except redis.RedisError as error:
            breaker.failed()
            log.warning("hint.store_away", extra={"error": type(error).__name__})
            return False
        breaker.succeeded()
        return True


def hint_after_commit(room: str, seq: int) -> None:
    """Tell the sockets once the change is there to be read."""
    transaction.on_commit(lambda: get_channel_layer().hint(room, seq), robust=True)
