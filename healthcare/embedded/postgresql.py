"""How does a profile's PostgreSQL start, answer and end?"""

import hashlib
import os
import shutil
import signal
import socket
import struct
import subprocess
import time
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from healthcare.embedded import binaries, processes
from healthcare.embedded.environment import write_private
from healthcare.embedded.layout import Profile
from healthcare.embedded.ports import LOOPBACK, free_port
from healthcare.embedded.processes import Identity
from healthcare.embedded.trouble import Trouble

SSL_REQUEST = struct.pack("!ii", 8, 80877103)
PATIENCE = 60.0  # seconds: a start after kill -9 replays the log first
KEPT = ("dev",)  # profiles whose data outlives a power cut; of the others it need not
THROWAWAY = {"fsync": "off", "full_page_writes": "off"}
UNIT_TESTS = {"synchronous_commit": "off"}  # not for drills: there a killed server may lose nothing that was committed


@dataclass(frozen=True)
class Cluster:
    """The data of one profile's PostgreSQL."""

    profile: Profile

    @cached_property
    def home(self) -> Path:
        """Under `.local`, or for root's servant, when it can't get there, in a shelter named after the clone."""
        who = binaries.servant()
        if who is None or binaries.can_enter(self.profile.folder, who):
            return self.profile.folder / "postgres"
        clone = hashlib.sha256(str(self.profile.root).encode()).hexdigest()[:16]
        return binaries.shelter(f"data-{clone}-{self.profile.name}") / "postgres"

    @cached_property
    def data(self) -> Path:
        return (self.home / "data").resolve()

    @property
    def record(self) -> Path:
        return self.profile.run / "postgres.json"

    @property
    def log(self) -> Path:
        return self.profile.log / "postgresql.log"

    def start(self) -> int:
        """Start or reuse the server; answers its port. Raises Trouble with the log's last word."""
        if running := processes.recorded(self.record):
            port = int(running[1]["port"])
            if self._comes_up(running[0], port):
                return port
        self._initialise()
        return self._launch()

    def stop(self) -> None:
        """End the server: fast, then by force; also what a killed server left behind."""
        if running := processes.recorded(self.record):
            # fast shutdown is SIGINT; SIGTERM would wait for every client to leave
            processes.end([running[0]], grace=15.0, politely=signal.SIGINT)
        else:
            processes.end(self._processes(), grace=5.0, politely=signal.SIGQUIT)
        self._end_orphans()
        self.record.unlink(missing_ok=True)

    def kill(self) -> None:
        """As a crash would: nothing is asked first."""
        if running := processes.recorded(self.record):
            processes.end([running[0]], grace=5.0, politely=processes.KILL)

    def delete(self) -> None:
        """Remove the data that does not lie in the profile's folder."""
        if self.profile.folder not in self.home.parents:
            shutil.rmtree(self.home.parent, ignore_errors=True)

    def superuser(self, port: int, database: str = "postgres") -> str:
        password = self.profile.state()["passwords"]["postgres"]
        return f"postgresql://postgres:{password}@{LOOPBACK}:{port}/{database}"

    def _initialise(self) -> None:
        """Make the data folder in one step: one that a kill left half-made is not taken for a cluster."""
        if (self.data / "PG_VERSION").exists():
            self._refuse_other_version()
            return
        self.profile.seeded.unlink(missing_ok=True)
        draft = self.home / "draft"
        shutil.rmtree(draft, ignore_errors=True)
        self.home.mkdir(mode=0o700, exist_ok=True)
        secret = self.home / "superuser"
        write_private(secret, self.profile.state()["passwords"]["postgres"])
        if who := binaries.servant():
            for one in (self.home, secret):
                os.chown(one, who.uid, who.gid)
        try:
            self._initdb(draft, secret)
            draft.rename(self.data)
        finally:
            secret.unlink()

    def _initdb(self, data: Path, secret: Path) -> None:
        who = binaries.servant()
        locale = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"] if self._version() >= 17 else []
        sync = [] if self.profile.name in KEPT else ["--no-sync"]
        argv = [str(binaries.postgresql() / "initdb"), f"--pgdata={data}", f"--pwfile={secret}", "--username=postgres"]
        argv += ["--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", "--no-instructions", *locale, *sync]
        done = subprocess.run(
            argv,
            user=who.uid if who else None,
            group=who.gid if who else None,
            extra_groups=[] if who else None,
            cwd="/",
            env=_bare_environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise Trouble(f"initdb failed: {_last_line(done.stderr or done.stdout)}")

    def _launch(self) -> int:
        self._end_orphans()
        (self.data / "postmaster.pid").unlink(missing_ok=True)  # nobody lives here now, its number may be another's
        state = self.profile.state()
        port = free_port(state["ports"].get("postgres"), taken=frozenset(state["ports"].values()))
        argv = [str(binaries.postgresql() / "postgres"), "-D", str(self.data)]
        for name, value in self._settings(port).items():
            argv += ["-c", f"{name}={value}"]
        server = processes.spawn(argv, log=self.log, env=_bare_environment(), cwd=Path("/"), servant=binaries.servant())
        processes.record(self.record, server, port=port)
        state["ports"]["postgres"] = port
        self.profile.remember(state)
        if not self._comes_up(server, port):
            raise Trouble(f"PostgreSQL ended: {_last_line(_tail(self.log))} (whole log: {self.log})")
        return port

    def _settings(self, port: int) -> dict[str, str]:
        """The product's settings, and those of a server that only this machine may reach."""
        private = {
            "listen_addresses": LOOPBACK,
            "port": str(port),
            "unix_socket_directories": "",  # no socket file: no limit on the path's length, no way round the password
            "logging_collector": "off",
            "cluster_name": self.profile.title,  # in the title of each server process, so that none is ever lost
        }
        haste = {} if self.profile.name in KEPT else THROWAWAY
        if self.profile.name.partition("-gw")[0] == "test":  # the processes of a shared run too: test-gw0, test-gw1 …
            haste = haste | UNIT_TESTS
        return product_settings(self.profile.root) | private | haste

    def _comes_up(self, server: Identity, port: int) -> bool:
        """Wait until this folder's server lets the superuser in; False when it ends first."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            if not processes.alive(server):
                self.record.unlink(missing_ok=True)
                return False
            if answers(port) and (where := self._data_served_at(port)):
                if where != str(self.data):
                    raise Trouble(f"port {port} serves another PostgreSQL, in {where}")
                return True
            time.sleep(0.03)
        raise Trouble(f"PostgreSQL does not answer on port {port} after {PATIENCE:.0f} s (log: {self.log})")

    def _data_served_at(self, port: int) -> str | None:
        import psycopg  # takes longer than all else of the launcher, and most commands ask nothing

        try:
            with psycopg.connect(self.superuser(port), connect_timeout=5) as connection:
                row = connection.execute("SELECT current_setting('data_directory')").fetchone()
        except psycopg.OperationalError:
            return None
        return str(row[0]) if row else None

    def _end_orphans(self) -> None:
        """Server processes outlive a killed parent for a moment, each in a session of its own."""
        if processes.wait_for_end(self._processes(), 3.0):
            processes.end(self._processes(), grace=3.0, politely=signal.SIGQUIT)

    def _processes(self) -> list[Identity]:
        return processes.titled(self.profile.title, ("postgres",))

    def _version(self) -> int:
        argv = [str(binaries.postgresql() / "postgres"), "--version"]
        said = subprocess.run(argv, capture_output=True, text=True, check=True, env=_bare_environment()).stdout
        return int(said.split()[2].split(".")[0])

    def _refuse_other_version(self) -> None:
        made_by = int((self.data / "PG_VERSION").read_text())
        if made_by != self._version():
            raise Trouble(
                f"the data was made by PostgreSQL {made_by}, this is {self._version()}: ./run.sh dev reset starts anew"
            )


def answers(port: int) -> bool:
    """Whether a PostgreSQL listens there: any answer to the question for TLS will do."""
    try:
        with socket.create_connection((LOOPBACK, port), timeout=2.0) as line:
            line.sendall(SSL_REQUEST)
            return line.recv(1) in (b"N", b"S")
    except OSError:
        return False


def product_settings(root: Path) -> dict[str, str]:
    """The `name = value` lines of the settings file that production uses too."""
    lines = (root / "deploy" / "postgres" / "server.conf").read_text().splitlines()
    pairs = (line.partition("=") for line in lines if line.strip() and not line.startswith("#"))
    return {name.strip(): value.strip().removeprefix("'").removesuffix("'") for name, _, value in pairs}


def _bare_environment() -> dict[str, str]:
    """Nothing of the caller's: PGPORT, PGDATA or a locale would change what the server does."""
    return {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}


def _tail(file: Path) -> str:
    with file.open("rb") as log:
        log.seek(max(0, file.stat().st_size - 4000))
        return log.read().decode(errors="replace")


def _last_line(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1] if lines else "it said nothing"
