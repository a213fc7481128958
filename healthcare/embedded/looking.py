"""What runs right now, and what did it say?"""

import os
import time
from collections import deque
from pathlib import Path

from healthcare.embedded import health, processes, programs
from healthcare.embedded.layout import Profile
from healthcare.embedded.trouble import Trouble

LOGS = {
    "web": "web.log",
    "worker": "worker.log",
    "ticker": "ticker.log",
    "postgres": "postgresql.log",
    "redis": "redis.log",
    "cache": "cache.log",
    "supervisor": "supervisor.log",
}
SHOWN = ("supervisor", *programs.NAMES, "postgres", "redis", "cache")
LINES = 50
NOT_RUNNING = 3  # as an init script answers


def status(profile: Profile) -> int:
    """Print a line for each process and the product's own word; answers the exit code."""
    print(f"{'process':<12}{'state':<10}{'pid':>8}{'uptime':>12}{'port':>8}")
    for name in SHOWN:
        print(_line(profile, name))
    web = processes.recorded(profile.run / "web.json")
    if web is None:
        print("health      not running")
        return NOT_RUNNING
    host, _ = programs.address(os.environ)
    well, said = health.health(host, int(web[1]["port"]))
    print(f"health      {said}")
    return 0 if well else 1


def logs(profile: Profile, name: str | None, *, follow: bool) -> None:
    """Print the last lines of one log or of each, and with `follow` what comes, until interrupted."""
    if name and name not in LOGS:
        raise Trouble(f"there is no log {name!r}: {', '.join(LOGS)}")
    chosen = [name] if name else [*LOGS]
    ends = {one: _print_last(profile.log / LOGS[one], _prefix(one, chosen)) for one in chosen}
    while follow:
        time.sleep(0.3)
        for one in chosen:
            ends[one] = _print_from(profile.log / LOGS[one], ends[one], _prefix(one, chosen))


def _line(profile: Profile, name: str) -> str:
    running = processes.recorded(profile.run / f"{name}.json")
    if running is None:
        return f"{name:<12}{'stopped':<10}"
    identity, facts = running
    uptime = _duration(time.time() - float(facts["at"]))
    port = facts.get("port", "") if name != "supervisor" else ""
    return f"{name:<12}{'running':<10}{identity.pid:>8}{uptime:>12}{port:>8}"


def _duration(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}"


def _prefix(name: str, chosen: list[str]) -> str:
    return f"{name:<10} | " if len(chosen) > 1 else ""


def _print_last(file: Path, prefix: str) -> int:
    """Print the last lines; answers where the file ends."""
    if not file.exists():
        return 0
    with file.open("rb") as log:
        for line in deque(log, maxlen=LINES):
            _print(prefix, line)
        return log.tell()


def _print_from(file: Path, start: int, prefix: str) -> int:
    if not file.exists() or file.stat().st_size == start:
        return start
    with file.open("rb") as log:
        log.seek(start if start <= file.stat().st_size else 0)  # shorter than before: a new file
        for line in log:
            _print(prefix, line)
        return log.tell()


def _print(prefix: str, line: bytes) -> None:
    print(f"{prefix}{line.decode(errors='replace').rstrip()}", flush=True)
