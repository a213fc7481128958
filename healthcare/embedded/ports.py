"""Which port is free, and who holds one that is not?"""

import random
import re
import shutil
import socket
import subprocess
import time
from pathlib import Path

LOOPBACK = "127.0.0.1"
CHOICES = range(20000, 32000)  # below the ephemeral range: nobody's outgoing call takes a remembered port


def is_free(port: int, host: str = LOOPBACK) -> bool:
    """Whether a server could listen there now."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as servers do; a closing connection is no holder
        try:
            probe.bind((host, port))
            probe.listen(1)
        except OSError:
            return False
    return True


def free_port(wanted: int | None = None, *, taken: frozenset[int] = frozenset()) -> int:
    """The wanted port when it is free or about to be, else any free one outside `taken`."""
    if wanted and _becomes_free(wanted):
        return wanted
    while True:
        port = random.choice(CHOICES)  # noqa: S311 — no secret
        if port not in taken and is_free(port):
            return port


def _becomes_free(port: int) -> bool:
    """A killed server's port is held for a moment after its death."""
    for _ in range(20):
        if is_free(port):
            return True
        time.sleep(0.05)
    return False


def holder(port: int) -> str:
    """` by <name> (pid <n>)` when it can be seen, else nothing."""
    pid = _holder_in_proc(port) if Path("/proc/net/tcp").exists() else _holder_by_lsof(port)
    return f" by {_name(pid)} (pid {pid})" if pid else ""


def _holder_in_proc(port: int) -> int | None:
    inodes = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        for line in _lines(table)[1:]:
            fields = line.split()
            if fields[3] == "0A" and int(fields[1].rpartition(":")[2], 16) == port:
                inodes.add(f"socket:[{fields[9]}]")
    for descriptor in Path("/proc").glob("[0-9]*/fd/*"):
        try:
            if str(descriptor.readlink()) in inodes:
                return int(descriptor.parts[2])
        except OSError:
            continue
    return None


def _holder_by_lsof(port: int) -> int | None:
    if not (lsof := shutil.which("lsof")):
        return None
    seen = subprocess.run([lsof, "-nP", f"-iTCP:{port}", "-sTCP:LISTEN", "-t"], capture_output=True, text=True)
    found = re.match(r"\d+", seen.stdout)
    return int(found.group()) if found else None


def _name(pid: int) -> str:
    words = _lines(f"/proc/{pid}/comm")
    return words[0] if words else "a process"


def _lines(file: str) -> list[str]:
    try:
        return Path(file).read_text().splitlines()
    except OSError:
        return []
