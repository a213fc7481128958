"""How does a test get a whole running product, and break parts of it?"""

import os
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from healthcare.embedded import health, programs, services
from healthcare.embedded.development import manage
from healthcare.embedded.layout import Profile
from healthcare.embedded.ports import LOOPBACK, free_port
from healthcare.embedded.postgresql import Cluster
from healthcare.embedded.trouble import Trouble
from healthcare.embedded.valkey import Store

PATIENCE = 90.0  # seconds until /health must be ok
STORES = {"valkey": "redis", "redis": "redis", "cache": "cache"}


@dataclass(frozen=True)
class Product:
    """A product under test. Nobody revives what a test kills: it stays dead until `start`."""

    profile: Profile
    env: dict[str, str]

    @property
    def base_url(self) -> str:
        return self.env["BASE_URL"]

    def kill(self, name: str) -> None:
        """SIGKILL for web, worker, ticker, valkey, cache or postgres."""
        if name in programs.NAMES:
            programs.stop(self.profile, (name,), kill=True)
        elif name in STORES:
            Store(self.profile, STORES[name]).kill()
        elif name == "postgres":
            Cluster(self.profile).kill()
        else:
            raise Trouble(f"there is no part {name!r}")

    def start(self, name: str) -> None:
        """Bring a killed part back where it was; for web and services it answers again when this returns."""
        if name in programs.NAMES:
            programs.start(self.profile, name, self.env)
        elif name in STORES:
            Store(self.profile, STORES[name]).start()
        else:
            Cluster(self.profile).start()
        if name == "web":
            self.wait()

    def wait(self) -> None:
        """Until /health is ok. Raises Trouble with what it says instead."""
        if wrong := health.wait_until_ok(*programs.address(self.env), patience=PATIENCE):
            raise Trouble(f"the product under test is not healthy: {wrong}\n{self.log('web')[-3000:]}")

    def log(self, name: str) -> str:
        """Everything that web, worker, ticker, postgresql, redis or cache has said."""
        file = self.profile.log / f"{name}.log"
        return file.read_text(errors="replace") if file.exists() else ""

    def manage(self, *words: str) -> str:
        """What a management command printed. Raises Trouble when it failed."""
        return manage(self.profile, self.env, *words)


@contextmanager
def running_product(profile: str = "e2e", env: Mapping[str, str] | None = None) -> Iterator[Product]:
    """A product of its own, from nothing: services, schemas, demo data, web, worker and ticker on free ports."""
    own = Profile.named(profile)
    with own.locked("product"):
        _clear(own)
        try:
            product = _begin(own, env or {})
            yield product
        finally:
            _end(own)


def clean_environment(root: Path) -> dict[str, str]:
    """The caller's environment without any variable of the product: a test depends on none of them."""
    ours = set(re.findall(r"^#([A-Z][A-Z0-9_]*)=", (root / ".env.example").read_text(), re.MULTILINE))
    return {name: value for name, value in os.environ.items() if name not in ours}


def _begin(profile: Profile, env: Mapping[str, str]) -> Product:
    port = free_port()
    url = f"http://{LOOPBACK}:{port}"
    whole = {
        **clean_environment(profile.root),
        **services.start(profile, also={"BASE_URL": url}),
        "BASE_URL": url,
        "PORT": str(port),
        **env,
    }
    manage(profile, whole, "migrate_clinics")
    manage(profile, whole, "demo")
    for name in programs.NAMES:
        programs.start(profile, name, whole)
    product = Product(profile, whole)
    product.wait()
    return product


def _end(profile: Profile) -> None:
    programs.stop(profile)
    programs.stop_orphans(profile)
    services.stop(profile)
    Cluster(profile).delete()


def _clear(profile: Profile) -> None:
    """End and delete what an earlier run left behind."""
    _end(profile)
    shutil.rmtree(profile.folder, ignore_errors=True)
