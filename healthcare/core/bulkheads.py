"""How many jobs of one queue may a process do at once? The queue's own number: the rest of its threads are for the others.

And one more, for a clinic that none of them is for: one clinic's long work fills a queue's places, and another's short job does
not wait until a place is free.
"""

import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from uuid import UUID

PAUSE = 0.02  # seconds from one vain look for another clinic's job to the next, where thousands of jobs are told of at once


class Turn:
    """A place in a queue, for one job after the other. `but`: clinics whose jobs are not for this place."""

    def __init__(self, but: frozenset[UUID] | None = None) -> None:
        self.extra = but is not None
        self.but = but or frozenset()
        self.at: UUID | None = None
        self.vain = False

    def begins(self, clinic: UUID) -> None:
        self.at = clinic

    def found_nothing(self) -> None:
        self.at, self.vain = None, True


class Bulkhead:
    """Counts who is at work by queue. Who finds all places taken goes away, and leaves word for whoever is there."""

    def __init__(self) -> None:
        self._inside: defaultdict[str, list[Turn]] = defaultdict(list)
        self._word: Counter[str] = Counter()
        self._vain: defaultdict[str, float] = defaultdict(lambda: -PAUSE)
        self._lock = threading.Lock()
        self._closed = False

    def close(self) -> None:
        """Nobody begins anything more here; what is being done goes to its end."""
        self._closed = True

    def turns(self, queue: str, places: int, number: int = 1) -> Iterator[Turn]:
        """`number` turns, and one more for each word that was left meanwhile; none where all places are taken. Who finds
        nothing says so: then one more look answers all words."""
        turn = self._enter(queue, places, number)
        try:
            while turn is not None:
                yield turn
                turn = self._next(queue, places, turn)
        finally:
            if turn is not None:
                with self._lock:
                    self._inside[queue].remove(turn)

    def _enter(self, queue: str, places: int, number: int) -> Turn | None:
        with self._lock:
            turn = self._place(queue, places)
            self._word[queue] += number - (turn is not None)
            return turn

    def _next(self, queue: str, places: int, turn: Turn) -> Turn | None:
        """Take up a word, or leave: in one step, so that no word is left to nobody."""
        with self._lock:
            self._inside[queue].remove(turn)
            if turn.vain and turn.extra:  # what it was told of is still to be done, by who is there
                self._word[queue] += 1
                self._vain[queue] = time.monotonic()
            elif turn.vain:  # what was left before that look is done; not what came during it
                self._word[queue] = min(self._word[queue], 1)
            following = self._place(queue, places) if self._word[queue] else None
            if following is not None:
                self._word[queue] -= 1
            return following

    def _place(self, queue: str, places: int) -> Turn | None:
        if self._closed:
            return None
        inside = self._inside[queue]
        extra = any(turn.extra for turn in inside)
        if len(inside) - extra < places:
            turn = Turn()
        elif not extra and time.monotonic() - self._vain[queue] >= PAUSE:
            turn = Turn(but=frozenset(other.at for other in inside if other.at is not None))
        else:
            return None
        inside.append(turn)
        return turn
