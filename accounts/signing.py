"""Which key signs access tokens, which still verify? Generations of one key in the key store; a token's `kid` names its own.

The newest signs. The one before verifies for as long as tokens of it may live. A `kid` is a number of ours or nothing: it is
never a path, an address or a query. Rotation: `manage.py rotate_keys signing` (`--retire`: at once).
"""

import datetime as dt
import re
import threading

from cachetools import TTLCache
from django.utils import timezone

from healthcare.core.crypto import DataKey, Scope, Unreadable
from healthcare.core.keystore import keys
from healthcare.core.keystore.models import WrappedKey
from healthcare.core.keystore.rotation import Order, rotates

SCOPE = Scope("platform_signing")
KID = re.compile(r"[1-9][0-9]{0,4}\Z")
# a process signs with a key that it has in memory up to a minute after the next one was made; such a token lives 15 minutes
OVERLAP = dt.timedelta(minutes=17)

_lock = threading.Lock()
_rotated: TTLCache[int, dt.datetime] = TTLCache(maxsize=8, ttl=30)


def newest() -> DataKey:
    return keys.newest(SCOPE)


def named(kid: object) -> DataKey | None:
    """The key that a token's header names, while it may verify; None for anything else."""
    if not isinstance(kid, str) or not KID.match(kid):
        return None
    generation, present = int(kid), newest()
    if generation > present.generation:  # made by another process a moment ago; nobody may ask this often
        present = _look_again()
    if generation == present.generation:
        return present
    if generation != present.generation - 1 or timezone.now() - _made_at(present.generation) > OVERLAP:
        return None
    try:
        return keys.exact(SCOPE, generation)
    except Unreadable:  # destroyed: rotated at once
        return None


@rotates("signing")
def rotate_signing(order: Order) -> int:
    """A new key for access tokens; what the former one signed holds 17 minutes more, with --retire a minute at most."""
    newest()
    if order.clinic is not None or WrappedKey.objects.filter(kind=SCOPE.kind, created_at__gte=order.began).exists():
        return 0
    rotate()
    return 1


def rotate() -> int:
    """Make the next signing key; answers its number. People stay signed in: refresh tokens do not hang from it."""
    made = keys.renew(SCOPE)
    keys.forget()
    return made.generation


def _look_again() -> DataKey:
    with _lock:
        if 0 not in _rotated:
            _rotated[0] = timezone.now()
            keys.forget_newest(SCOPE)
    return newest()


def _made_at(generation: int) -> dt.datetime:
    with _lock:
        if (known := _rotated.get(generation)) is not None:
            return known
    made = WrappedKey.objects.filter(kind=SCOPE.kind, generation=generation).values_list("created_at", flat=True).get()
    with _lock:
        _rotated[generation] = made
    return made


def forget() -> None:
    with _lock:
        _rotated.clear()
