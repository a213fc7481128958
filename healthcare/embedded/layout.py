"""Where does a profile keep its things, and who may touch them at one time?"""

import fcntl
import hashlib
import json
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

from healthcare.embedded.environment import ROOT, write_private
from healthcare.embedded.trouble import Trouble

PASSWORDS = ("postgres", "owner", "app", "keys", "redis", "cache")


class State(TypedDict):
    """What must survive a stop: passwords, the signing key and the ports once chosen."""

    passwords: dict[str, str]
    secret_key: str
    ports: dict[str, int]


@dataclass(frozen=True)
class Profile:
    """One set of services and processes with its own folder: `dev`, `test`, `e2e`."""

    name: str
    root: Path = ROOT

    @classmethod
    def named(cls, name: str) -> "Profile":
        name = {"development": "dev"}.get(name, name)
        if not re.fullmatch(r"[a-z][a-z0-9-]{0,30}", name):
            raise Trouble(f"no profile can be called {name!r}: small letters, digits and '-' only")
        return cls(name)

    @property
    def folder(self) -> Path:
        return self.root / ".local" / self.name

    @property
    def log(self) -> Path:
        return self.folder / "log"

    @property
    def run(self) -> Path:
        return self.folder / "run"

    @property
    def services_env(self) -> Path:
        return self.folder / "services.env"

    @property
    def seeded(self) -> Path:
        """Says which seed the embedded database holds already."""
        return self.folder / "seeded"

    @property
    def mark(self) -> str:
        """Set in the environment of every process of this profile, so that orphans can be found again."""
        return f"HEALTHCARE_RUN={self.folder}"

    @property
    def title(self) -> str:
        """In the title of every server of this profile; another clone's differ."""
        return f"healthcare-{self.name}-{hashlib.sha256(str(self.folder).encode()).hexdigest()[:8]}"

    def make(self) -> None:
        """Make the folders. Root's stay passable, because its servers run as somebody else."""
        try:
            for folder in (self.folder.parent, self.folder):
                folder.mkdir(exist_ok=True)
                if folder.stat().st_uid == os.getuid():
                    folder.chmod(0o711 if os.getuid() == 0 else 0o700)
            for folder in (self.log, self.run):
                folder.mkdir(mode=0o700, exist_ok=True)
        except OSError as refused:
            raise Trouble(f"{refused.filename} can't be used: {refused.strerror}") from None
        if not os.access(self.folder, os.W_OK):
            raise Trouble(f"{self.folder} belongs to another user: delete it as that user, or work as that user")

    @contextmanager
    def locked(self, what: str) -> Iterator[None]:
        """Hold the profile's lock `what`; it lies beside the folder, because a reset deletes the folder."""
        self.folder.parent.mkdir(exist_ok=True)
        with (self.folder.parent / f"{self.name}.{what}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def state(self) -> State:
        """Read the remembered state, or make it."""
        file = self.folder / "state.json"
        try:
            found: State = json.loads(file.read_text())
            return found
        except FileNotFoundError:
            fresh = State(
                passwords={name: secrets.token_urlsafe(24) for name in PASSWORDS},
                secret_key=secrets.token_urlsafe(48),
                ports={},
            )
            self.remember(fresh)
            return fresh
        except ValueError:
            raise Trouble(f"{file} is damaged; ./run.sh dev reset makes a new one") from None

    def remember(self, state: State) -> None:
        write_private(self.folder / "state.json", json.dumps(state, indent=1))
