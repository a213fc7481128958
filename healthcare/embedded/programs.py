"""Which processes make the product, and how does one of them start and end?"""

import os
import sys
from collections.abc import Mapping

from healthcare.embedded import processes
from healthcare.embedded.layout import Profile
from healthcare.embedded.ports import LOOPBACK
from healthcare.embedded.processes import Identity
from healthcare.embedded.trouble import Trouble

NAMES = ("web", "worker", "ticker")
GRACE = 6.0  # seconds to finish what is under way; a job that is killed is taken up again
YES = ("1", "true", "yes", "on")


def address(env: Mapping[str, str]) -> tuple[str, int]:
    """Where the web process listens. Raises Trouble for a PORT that is none."""
    port = env.get("PORT") or "8088"
    if not port.isdecimal() or not 0 < int(port) < 65536:
        raise Trouble(f"PORT must be a number from 1 to 65535, not {port!r}")
    return env.get("HOST") or LOOPBACK, int(port)


def start(profile: Profile, name: str, env: Mapping[str, str]) -> Identity:
    """Start one program of the profile and remember it. Raises ChildProcessError when it can't even begin."""
    mark, _, folder = profile.mark.partition("=")
    program = processes.spawn(
        argv(profile, name, env),
        log=profile.log / f"{name}.log",
        env={**env, mark: folder, "PYTHONUNBUFFERED": "1"},
        cwd=profile.root,
    )
    facts: dict[str, str | int] = {"port": address(env)[1]} if name in ("web", "supervisor") else {}
    processes.record(profile.run / f"{name}.json", program, **facts)
    return program


def stop(profile: Profile, names: tuple[str, ...] = NAMES, *, kill: bool = False) -> None:
    """End programs by what is remembered of them; with `kill` as a crash would, nothing is asked first."""
    records = [profile.run / f"{name}.json" for name in names]
    found = [running[0] for file in records if (running := processes.recorded(file))]
    processes.end(found, grace=GRACE, politely=processes.KILL if kill else processes.TERMINATE)
    for file in records:
        file.unlink(missing_ok=True)


def stop_orphans(profile: Profile) -> None:
    """End every process that carries the profile's mark, also those that nobody remembers."""
    processes.end(processes.marked(profile.mark), grace=GRACE)


def argv(profile: Profile, name: str, env: Mapping[str, str]) -> list[str]:
    return {"web": _web, "worker": _worker, "ticker": _ticker, "supervisor": _supervisor}[name](profile, env)


def _web(profile: Profile, env: Mapping[str, str]) -> list[str]:
    host, port = address(env)
    command = [sys.executable, "-m", "uvicorn", "healthcare.asgi:application", "--host", host, "--port", str(port)]
    command += ["--ws", "websockets-sansio", "--ws-per-message-deflate", "false", "--ws-max-size", "8192", "--no-access-log"]
    # no-proxy-headers: uvicorn would believe anybody on this machine; the product reads them by TRUSTED_PROXIES
    command += ["--no-proxy-headers", "--timeout-graceful-shutdown", "3"]
    if env.get("ENABLE_CLUSTERING", "").lower() in YES:
        command += ["--workers", str(os.cpu_count() or 1)]
    return command


def _worker(profile: Profile, env: Mapping[str, str]) -> list[str]:
    return [sys.executable, str(profile.root / "manage.py"), "worker"]  # without a group: all job queues


def _ticker(profile: Profile, env: Mapping[str, str]) -> list[str]:
    return [sys.executable, str(profile.root / "manage.py"), "ticker"]


def _supervisor(profile: Profile, env: Mapping[str, str]) -> list[str]:
    return [sys.executable, "-m", "healthcare.embedded", "supervise", "--profile", profile.name]
