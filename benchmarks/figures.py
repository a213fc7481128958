"""How fast, how evenly, at what cost? Quantiles, and the processor time of processes and all that they started (Linux)."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

PARTS = {"web": "web", "PostgreSQL": "postgres", "worker": "worker", "Valkey": "redis"}
TICK = 1 / os.sysconf("SC_CLK_TCK")


def quantile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least this share of all does not exceed."""
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


class Spent(NamedTuple):
    """Seconds of processor time by part."""

    by_part: dict[str, float]

    def since(self, earlier: Spent) -> Spent:
        return Spent({part: spent - earlier.by_part.get(part, 0.0) for part, spent in self.by_part.items()})


class Meter:
    """Reads what the server's parts have spent so far; a part without a known process is left out."""

    def __init__(self, roots: dict[str, int]) -> None:
        self.roots = roots

    @classmethod
    def of_profile(cls, folder: Path) -> Meter:
        """Of a server started by `./run.sh dev start`: its folder holds a record of each process."""
        return cls({part: pid for part, name in PARTS.items() if (pid := _recorded(folder / "run" / f"{name}.json"))})

    def read(self) -> Spent:
        processes = _processes()
        return Spent({part: _of_tree(pid, processes) for part, pid in self.roots.items()})


class _Process(NamedTuple):
    parent: int
    own: float
    reaped: float  # of children that have ended


def _recorded(file: Path) -> int | None:
    try:
        pid = int(json.loads(file.read_text())["pid"])
    except (OSError, ValueError, KeyError):
        return None
    return pid if Path(f"/proc/{pid}").exists() else None


def _processes() -> dict[int, _Process]:
    found = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(") ")[2].split()
        except OSError:
            continue  # it ended meanwhile
        user, system, reaped_user, reaped_system = (int(field) * TICK for field in fields[11:15])
        found[int(stat.parent.name)] = _Process(int(fields[1]), user + system, reaped_user + reaped_system)
    return found


def _of_tree(root: int, processes: dict[int, _Process]) -> float:
    tree = {root, *_below(root, processes)}
    return sum(processes[pid].own + processes[pid].reaped for pid in tree if pid in processes)


def _below(root: int, processes: dict[int, _Process]) -> Iterable[int]:
    for pid, process in processes.items():
        if process.parent == root:
            yield pid
            yield from _below(pid, processes)
