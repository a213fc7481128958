"""Which services does a profile need, where do they answer, and what has the person given instead?"""

import base64
import os
import secrets
from collections.abc import Mapping
from urllib.parse import quote

from healthcare.embedded import environment, processes
from healthcare.embedded.environment import write_private
from healthcare.embedded.layout import Profile
from healthcare.embedded.ports import LOOPBACK
from healthcare.embedded.postgresql import Cluster
from healthcare.embedded.provision import provision
from healthcare.embedded.trouble import Trouble
from healthcare.embedded.valkey import Store

DATABASES = {
    "DATABASE_URL": ("healthcare_app", "app", "healthcare"),
    "OWNER_DATABASE_URL": ("healthcare_owner", "owner", "healthcare"),
    "KEYSTORE_URL": ("healthcare_keys", "keys", "healthcare_keys"),
}
STORES = {"REDIS_URL": "redis", "CACHE_URL": "cache"}
SERVICES = (*DATABASES, *STORES)


def start(profile: Profile, also: Mapping[str, str] | None = None) -> dict[str, str]:
    """Start or reuse what the profile needs; answers every variable that the product gets from here.

    `also` holds further variables for processes started by hand; without it those of the last start stay.
    """
    profile.make()
    given = given_by_person(profile)
    with profile.locked("services"):
        kept = environment.read(profile.services_env) if also is None else also
        found = {**kept, **_databases(profile, given), **_stores(profile, given), **_own(profile)}
        environment.write(profile.services_env, {key: value for key, value in found.items() if key not in given})
    return found | given


def stop(profile: Profile) -> None:
    """End every server of the profile."""
    with profile.locked("services"):
        for name in STORES.values():
            Store(profile, name).stop()
        Cluster(profile).stop()


def all_answer(profile: Profile) -> bool:
    """Whether every service that the profile needs is alive; cheap enough to ask every other second."""
    given = given_by_person(profile)
    needed = [Store(profile, store).record for name, store in STORES.items() if name not in given]
    if needs_postgresql(given):
        needed.append(Cluster(profile).record)
    return all(processes.recorded(file) for file in needed)


def none_live(profile: Profile) -> bool:
    """Whether no service of the profile runs."""
    records = [Cluster(profile).record, *(Store(profile, store).record for store in STORES.values())]
    return not any(processes.recorded(file) for file in records)


def given_by_person(profile: Profile) -> dict[str, str]:
    """Service URLs from the environment or `.env`. Only development heeds them: tests never see a real database."""
    if profile.name != "dev":
        return {}
    try:
        written = environment.read(profile.root / ".env")
        ours = environment.read(profile.services_env)  # a shell that sourced the file has given nothing
    except ValueError as malformed:
        raise Trouble(str(malformed)) from None
    said = written | {name: value for name, value in os.environ.items() if value}
    given = {name: said[name] for name in SERVICES if said.get(name) and said[name] != ours.get(name)}
    if said.get("REDIS_HOST") and "REDIS_URL" not in given:
        password = f":{quote(said['REDIS_PASSWORD'], safe='')}@" if said.get("REDIS_PASSWORD") else ""
        given["REDIS_URL"] = f"redis://{password}{said['REDIS_HOST']}:6379/0"
    missing = [name for name in DATABASES if name not in given]
    if "DATABASE_URL" in given and missing:
        raise Trouble(f"DATABASE_URL is given, so {' and '.join(missing)} must be given too (see .env.example)")
    return given


def needs_postgresql(given: Mapping[str, str]) -> bool:
    return any(name not in given for name in DATABASES)


def _databases(profile: Profile, given: Mapping[str, str]) -> dict[str, str]:
    if not needs_postgresql(given):
        return {}
    port = Cluster(profile).start()
    provision(profile, port)
    passwords = profile.state()["passwords"]
    return {
        name: f"postgresql://{role}:{passwords[password]}@{LOOPBACK}:{port}/{database}"
        for name, (role, password, database) in DATABASES.items()
    }


def _stores(profile: Profile, given: Mapping[str, str]) -> dict[str, str]:
    passwords = profile.state()["passwords"]
    return {
        name: f"redis://:{passwords[store]}@{LOOPBACK}:{Store(profile, store).start()}/0"
        for name, store in STORES.items()
        if name not in given
    }


def _own(profile: Profile) -> dict[str, str]:
    """Variables that are no service, with values of this profile's own."""
    mails = profile.folder / "mail"
    mails.mkdir(mode=0o700, exist_ok=True)
    anchors = profile.folder / "anchors"
    anchors.mkdir(mode=0o700, exist_ok=True)
    root_key, audit_key = profile.folder / "root.key", profile.folder / "audit.key"
    for key in (root_key, audit_key):
        if not key.exists():
            write_private(key, base64.b64encode(secrets.token_bytes(32)).decode() + "\n")
    return {
        "HEALTHCARE_ENV": environment.HEALTHCARE_ENV.get(profile.name, "development"),
        "HEALTHCARE_PROFILE": profile.name,
        "SECRET_KEY": profile.state()["secret_key"],
        "ROOT_KEY_FILE": str(root_key),
        "AUDIT_KEY_FILE": str(audit_key),
        "AUDIT_ANCHORS": str(anchors),
        "MAIL_FILE_DIR": str(mails),
        "DOCUMENTS_DIR": str(mails.parent / "documents"),
        "MESSAGE_FILE_DIR": str(profile.folder / "outbox"),
    }
