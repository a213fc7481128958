"""How is the whole matrix gone through? Trial by trial: one operation, one role, one place, judged together."""

import asyncio
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any, NamedTuple

from accounts.roles import Role
from healthcare.probe import admin_pages, jobs, schema, screens, sockets
from healthcare.probe.calls import Answer, Caller
from healthcare.probe.cursors import foreign_cursors
from healthcare.probe.ease import at_ease
from healthcare.probe.judging import Cell, Verdict, alike, judge
from healthcare.probe.operations import Place
from healthcare.probe.rest import Rest
from healthcare.probe.world import World

Judged = list[tuple[Verdict, Answer]]


class Trial(NamedTuple):
    operation: str
    role: str
    place: str
    run: Callable[[], Judged]


@dataclass
class Result:
    verdicts: list[Verdict] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)  # what could not be classified
    changed: list[str] = field(default_factory=list)  # tables that are not as they were
    operations: int = 0

    @property
    def faults(self) -> list[Verdict]:
        return [verdict for verdict in self.verdicts if verdict.faults]

    @property
    def is_tight(self) -> bool:
        return not (self.faults or self.doubts or self.changed) and bool(self.verdicts)

    def counted(self, by: str) -> Counter[str]:
        return Counter(str(getattr(verdict.cell, by)) for verdict in self.verdicts)


class Probe:
    def __init__(self, world: World) -> None:
        self.world, self.caller = world, Caller(world)
        self.operations, self.doubts = schema.read()
        self.pages, doubts = admin_pages.classified()
        self.doubts = [*self.doubts, *doubts, *jobs.unclassified(), *sockets.unclassified()]
        self._cursors: dict[str, str] | None = None

    def run(
        self,
        wanted: Callable[[Trial], bool] = lambda trial: True,
        say: Callable[[int], None] = lambda cells: None,
        compare: bool = True,
    ) -> Result:
        """`compare`: whether every table is compared with what it was in the beginning."""
        result = Result(doubts=self.doubts, operations=len(self.operations))
        with at_ease():
            for trial in self.trials():
                if wanted(trial):
                    judged = trial.run()
                    alike(judged)
                    result.verdicts += [verdict for verdict, _ in judged]
                    say(len(result.verdicts))
        result.changed = self.world.changed() if compare else []
        return result

    def trials(self) -> Iterator[Trial]:
        yield from self._screens()  # first: what a kiosk is shown is about the coming minutes
        yield from self._rest()
        yield from self._jobs()
        yield from self._sockets()
        yield from self._admin()

    def _rest(self) -> Iterator[Trial]:
        if self._cursors is None:
            self._cursors = foreign_cursors(self.world, self.caller, self.operations)
        for one in self.operations:
            for role in Role:
                for place, made in Rest(self.world, self.caller, one, role, self._cursors).places():
                    yield Trial(one.key, str(role), place, partial(self._made, made))

    def _made(self, make: Callable[[], list[Cell]]) -> Judged:
        return self._call(make())

    def _call(self, cells: list[Cell]) -> Judged:
        return [self._judged(cell, self.caller.calls(cell.calls)[-1]) for cell in cells]

    def _judged(self, cell: Cell, answer: Answer) -> tuple[Verdict, Answer]:
        return judge(cell, answer, self.world.canaries), answer

    def _screens(self) -> Iterator[Trial]:
        for one in self.operations:
            if one.op.place == Place.SCREEN:
                made = screens.cells(self.world, one)
                yield Trial(one.key, screens.ROLE, "screen", partial(self._made, partial(list, made)))

    def _jobs(self) -> Iterator[Trial]:
        for name in jobs.CLINIC_JOBS:
            yield Trial(f"job {name}", "worker", "job", partial(self._work, name))

    def _work(self, name: str) -> Judged:
        made = jobs.cells(self.world, name)
        return [self._judged(cell, jobs.perform(self.caller, cell, args, clinic_id)) for cell, args, clinic_id in made]

    def _sockets(self) -> Iterator[Trial]:
        for route in sockets.SOCKETS:
            for who in (*Role, screens.ROLE):
                yield Trial(f"socket {route}", str(who), "socket", partial(self._listen, route, str(who)))

    def _listen(self, route: str, who: str) -> Judged:
        async def all_of_them() -> list[Any]:
            return [(cell, await sockets.hear(self.world, cell)) for cell in sockets.cells(self.world, route, who)]

        return [self._judged(cell, answer) for cell, answer in asyncio.run(all_of_them())]

    def _admin(self) -> Iterator[Trial]:
        for role in Role:
            cookies: dict[str, str] = {}
            for page in self.pages:
                yield Trial(f"admin {page[1]}", str(role), "admin page", partial(self._look, role, page, cookies))

    def _look(self, role: Role, page: Any, cookies: dict[str, str]) -> Judged:
        if not cookies:
            cookies["own"] = admin_pages.sign_in(self.world, role, self.world.a)
            cookies["forged"] = admin_pages.sign_in(self.world, role, self.world.b)
        return self._call(list(admin_pages.cells(self.world, role, page, cookies)))


def sampled(percent: float, seed: int) -> Callable[[Trial], bool]:
    """Each trial by the luck of its name: the same for the same seed. Each operation's own plain call is always among them."""

    def wanted(trial: Trial) -> bool:
        luck = zlib.crc32(f"{seed}:{trial.operation}:{trial.role}:{trial.place}".encode()) % 10_000
        return luck < percent * 100

    return wanted
