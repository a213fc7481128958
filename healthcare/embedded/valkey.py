"""How does one of a profile's two Valkeys start, answer and end?"""

import socket
import time
from dataclasses import dataclass
from pathlib import Path

from healthcare.embedded import binaries, processes
from healthcare.embedded.layout import Profile
from healthcare.embedded.ports import LOOPBACK, free_port
from healthcare.embedded.trouble import Trouble

PATIENCE = 15.0  # seconds
LIMITS = {
    "redis": {"maxmemory": "0", "maxmemory-policy": "noeviction"},  # limits, sockets, broker: nothing may vanish
    "cache": {"maxmemory": "256mb", "maxmemory-policy": "allkeys-lru"},  # production gives 1 GB
}


@dataclass(frozen=True)
class Store:
    """One Valkey: `redis` or `cache`. Kept in memory only: what must survive is in PostgreSQL."""

    profile: Profile
    name: str

    @property
    def record(self) -> Path:
        return self.profile.run / f"{self.name}.json"

    @property
    def log(self) -> Path:
        return self.profile.log / f"{self.name}.log"

    def start(self) -> int:
        """Start or reuse the server; answers its port."""
        if running := processes.recorded(self.record):
            port = int(running[1]["port"])
            if self._comes_up(port):
                return port
        port = self._launch()
        if not self._comes_up(port):
            raise Trouble(f"Valkey ({self.name}) ended, its log says why: {self.log}")
        return port

    def stop(self) -> None:
        if running := processes.recorded(self.record):
            processes.end([running[0]], grace=5.0)
        self._end_orphans()
        self.record.unlink(missing_ok=True)

    def kill(self) -> None:
        """As a crash would: nothing is asked first."""
        if running := processes.recorded(self.record):
            processes.end([running[0]], grace=5.0, politely=processes.KILL)

    def _end_orphans(self) -> None:
        """End this store's servers whose record is gone."""
        processes.end(processes.titled(self._title, ("valkey-server", "redis-server")), grace=5.0)

    def _launch(self) -> int:
        self._end_orphans()
        state = self.profile.state()
        port = free_port(state["ports"].get(self.name), taken=frozenset(state["ports"].values()))
        server = processes.spawn(
            [str(binaries.valkey()), "-"],  # settings by standard input: arguments can be read by everybody
            log=self.log,
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C", "ROOM": "." * 200},  # a title is no longer than what it covers
            cwd=Path("/"),
            servant=binaries.servant(),
            stdin=self._settings(port).encode(),
        )
        processes.record(self.record, server, port=port)
        state["ports"][self.name] = port
        self.profile.remember(state)
        return port

    def _settings(self, port: int) -> str:
        private = {
            "bind": LOOPBACK,
            "port": str(port),
            "requirepass": self._password,
            "save": '""',
            "appendonly": "no",
            "proc-title-template": f'"valkey-server {self._title} {{listen-addr}}"',  # nothing else tells whose it is
        }
        return "".join(f"{key} {value}\n" for key, value in (private | LIMITS[self.name]).items())

    @property
    def _title(self) -> str:
        return f"{self.profile.title}-{self.name}"

    @property
    def _password(self) -> str:
        return self.profile.state()["passwords"][self.name]

    def _comes_up(self, port: int) -> bool:
        """Wait until the server answers; False when it ends first."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            if self.answers(port):
                return True
            if processes.recorded(self.record) is None:
                self.record.unlink(missing_ok=True)
                return False
            time.sleep(0.02)
        raise Trouble(f"Valkey ({self.name}) does not answer on port {port} (log: {self.log})")

    def answers(self, port: int) -> bool:
        """Whether it is this profile's server that listens there: it knows the password."""
        try:
            with socket.create_connection((LOOPBACK, port), timeout=2.0) as line:
                line.sendall(f"AUTH {self._password}\r\n".encode())
                return line.recv(5) == b"+OK\r\n"
        except OSError:
            return False
