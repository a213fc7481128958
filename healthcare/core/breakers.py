"""Is something outside worth asking just now? A circuit breaker per name and process: opens after failures, tries again later."""

import threading
import time


class Breaker:
    """Opens after `failures` in a row, for `rest` seconds; then one try decides."""

    def __init__(self, name: str, failures: int = 5, rest: float = 15.0) -> None:
        self.name, self.limit, self.rest = name, failures, rest
        self._count, self._until = 0, 0.0
        self._lock = threading.Lock()

    def is_open(self) -> bool:
        with self._lock:
            if self._count < self.limit or time.monotonic() >= self._until:
                return False
            return True

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
        return "open" if self.is_open() else ("half-open" if self._count >= self.limit else "closed")


_breakers: dict[str, Breaker] = {}


def named(name: str, failures: int = 5, rest: float = 15.0) -> Breaker:
    return _breakers.setdefault(name, Breaker(name, failures, rest))


def states() -> dict[str, str]:
    return {name: breaker.state for name, breaker in sorted(_breakers.items())}
