"""Is the process that we once started still that very process, and how does it end?"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

LINUX = sys.platform == "linux"
KILL = signal.SIGKILL
TERMINATE = signal.SIGTERM
_own: dict[int, subprocess.Popen[bytes]] = {}  # our own children, kept so that they are reaped


@dataclass(frozen=True)
class Identity:
    """A process, told from a later one with the same number by when it was born."""

    pid: int
    born: str


@dataclass(frozen=True)
class Servant:
    """The account that runs a server for root."""

    uid: int
    gid: int


def identify(pid: int) -> Identity | None:
    """Who has this number now; a zombie is nobody."""
    born = _born_in_proc(pid) if LINUX else _born_by_ps(pid)
    return Identity(pid, born) if born else None


def alive(identity: Identity | None) -> bool:
    if identity is None:
        return False
    living = identify(identity.pid) == identity
    if not living:
        _reap()
    return living


def spawn(
    argv: list[str],
    *,
    log: Path,
    env: Mapping[str, str],
    cwd: Path,
    servant: Servant | None = None,
    stdin: bytes = b"",
) -> Identity:
    """Start `argv` in a session of its own, output appended to `log`. Raises ChildProcessError when it ends at once."""
    _reap()
    account = {"user": servant.uid, "group": servant.gid, "extra_groups": []} if servant else {}
    with log.open("ab") as out:
        child = subprocess.Popen(
            argv,
            env=dict(env),
            cwd=cwd,
            stdin=subprocess.PIPE if stdin else subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            start_new_session=True,
            **account,  # type: ignore[call-overload]
        )
    _own[child.pid] = child
    if child.stdin:
        with child.stdin:
            child.stdin.write(stdin)
    if (identity := identify(child.pid)) is None:
        raise ChildProcessError(f"{argv[0]} ended at once")
    return identity


def end(identities: Iterable[Identity], *, grace: float, politely: signal.Signals = signal.SIGTERM) -> None:
    """End these and what they started: asked first, killed when `grace` seconds are over."""
    living = [one for one in identities if alive(one)]
    for sent, patience in ((politely, grace), (signal.SIGKILL, 5.0)):
        for one in living:
            _signal_group(one, sent)
        living = wait_for_end(living, patience)
        if not living:
            return


def wait_for_end(identities: Iterable[Identity], patience: float) -> list[Identity]:
    """Those who still live after `patience` seconds."""
    deadline = time.monotonic() + patience
    living = [one for one in identities if alive(one)]
    while living and time.monotonic() < deadline:
        time.sleep(0.02)
        living = [one for one in living if alive(one)]
    return living


def record(file: Path, identity: Identity, **facts: str | int) -> None:
    draft = file.with_suffix(".draft")
    draft.write_text(json.dumps({**asdict(identity), **facts, "folder": str(file.parent), "at": time.time()}))
    draft.replace(file)


def recorded(file: Path) -> tuple[Identity, dict[str, str | int | float]] | None:
    """The process of a record if it still lives. A record that was copied along with its folder is not ours."""
    try:
        facts = json.loads(file.read_text())
        identity = Identity(facts["pid"], facts["born"])
        if facts["folder"] != str(file.parent):
            return None
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return (identity, facts) if alive(identity) else None


def marked(mark: str) -> list[Identity]:
    """Processes whose environment carries `mark`, however they came to be orphans; never the caller."""
    pids = _marked_in_proc(mark) if LINUX else _marked_by_ps(mark)
    return [one for pid in pids if pid != os.getpid() and (one := identify(pid))]


def titled(title: str, programs: tuple[str, ...]) -> list[Identity]:
    """Servers of these programs that carry `title` in their command line (they overwrite their environment)."""
    found = []
    for pid, command in _commands_in_proc() if LINUX else _commands_by_ps():
        program = Path(command.split(" ")[0].rstrip(":")).name
        if program in programs and title in command and pid != os.getpid() and (one := identify(pid)):
            found.append(one)
    return found


def _reap() -> None:
    """Let go of our own children that have ended: a zombie keeps its number."""
    for pid, child in list(_own.items()):
        if child.poll() is not None:
            _own.pop(pid, None)


def _signal_group(one: Identity, sent: signal.Signals) -> None:
    if not alive(one):
        return
    try:
        if os.getpgid(one.pid) == one.pid:
            os.killpg(one.pid, sent)
        else:
            os.kill(one.pid, sent)
    except ProcessLookupError:
        return


def _born_in_proc(pid: int) -> str | None:
    try:
        after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return None
    return None if after_name[0] in "ZX" else f"{boot} {after_name[19]}"


def _born_by_ps(pid: int) -> str | None:
    seen = subprocess.run(["ps", "-o", "state=,lstart=", "-p", str(pid)], capture_output=True, text=True)
    state, _, born = seen.stdout.strip().partition(" ")
    return None if not state or state.startswith("Z") else " ".join(born.split())


def _marked_in_proc(mark: str) -> list[int]:
    wanted = mark.encode()
    found = []
    for environment in Path("/proc").glob("[0-9]*/environ"):
        try:
            if wanted in environment.read_bytes().split(b"\0"):
                found.append(int(environment.parts[2]))
        except OSError:
            continue
    return found


def _commands_in_proc() -> Iterator[tuple[int, str]]:
    for command in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            yield int(command.parts[2]), command.read_text(errors="replace").replace("\0", " ")
        except OSError:
            continue


def _commands_by_ps() -> Iterator[tuple[int, str]]:
    seen = subprocess.run(["ps", "-axww", "-o", "pid=,command="], capture_output=True, text=True)
    for line in seen.stdout.splitlines():
        pid, _, command = line.strip().partition(" ")
        yield int(pid), command


def _marked_by_ps(mark: str) -> list[int]:
    seen = subprocess.run(["ps", "-axEww", "-o", "pid=,command="], capture_output=True, text=True)
    return [int(line.split()[0]) for line in seen.stdout.splitlines() if f" {mark} " in f"{line} "]
