"""Is something outside worth asking just now? A breaker per name and process: opens after failures, tries again later."""

import threading
import time


class Breaker:
    """Opens after `failures` in a row, for `rest` seconds; then one try decides."""

    def __init__(self, name: str, failures: int = 5, rest: float = 15.0) -> None:
        self.name, self.limit, self.rest = name, failures, rest
        self._count, self._until = 0, 0.0
        self._lock = threading.Lock()

    def is_open(self) -> bool:
        """Whether to leave it alone. After the rest one caller is let through; the others wait for what it finds."""
        with self._lock:
            now = time.monotonic()
            if self._count < self.limit:
                return False
            if now < self._until:
                return True
            self._until = now + self.rest
            return False

    def failed(self) -> None:
        with self._lock:
            self._count += 1
            if self._count >= self.limit:
                self._until = time.monotonic() + self.rest

    def succeeded(self) -> None:
        with self._lock:
            self._count, self._until = 0, 0.0

    @property
    def state(self) -> str:
        with self._lock:
            if self._count < self.limit:
                return "closed"
            return "open" if time.monotonic() < self._until else "half-open"


_breakers: dict[str, Breaker] = {}


def named(name: str, failures: int = 5, rest: float = 15.0) -> Breaker:
    return _breakers.setdefault(name, Breaker(name, failures, rest))


def states() -> dict[str, str]:
    return {name: breaker.state for name, breaker in sorted(_breakers.items())}
