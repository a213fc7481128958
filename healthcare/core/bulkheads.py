"""How many jobs of one queue may a process do at once? The queue's own number: the rest of its threads are for the others."""

import threading
from collections import Counter
from collections.abc import Iterator


class Bulkhead:
    """Counts who is at work by queue. Who finds all places taken goes away, and leaves word for whoever is there."""

    def __init__(self) -> None:
        self._inside: Counter[str] = Counter()
        self._word: Counter[str] = Counter()
        self._lock = threading.Lock()

    def turns(self, queue: str, places: int) -> Iterator[int]:
        """None where all places are taken; else one, and one more for each word that was left meanwhile."""
        if not self._enter(queue, places):
            return
        inside, turn = True, 0
        try:
            while inside:
                yield turn
                turn, inside = turn + 1, self._stay(queue)
        finally:
            if inside:
                self._leave(queue)

    def _enter(self, queue: str, places: int) -> bool:
        with self._lock:
            if self._inside[queue] >= places:
                self._word[queue] += 1
                return False
            self._inside[queue] += 1
            return True

    def _stay(self, queue: str) -> bool:
        """Take up a word, or leave: in one step, so that no word is left to nobody."""
        with self._lock:
            if self._word[queue]:
                self._word[queue] -= 1
                return True
            self._inside[queue] -= 1
            return False

    def _leave(self, queue: str) -> None:
        with self._lock:
            self._inside[queue] -= 1
