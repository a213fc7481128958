"""What does the environment say? Each reader stops the start with one clear line when a variable is missing or malformed."""

import hmac
import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import parse_qs, quote, unquote, urlsplit


@dataclass(frozen=True)
class Account:
    """An account with a provider: where its API begins, and what signs us in there. No host: not set up."""

    host: str = ""
    base: str = ""
    user: str = ""
    secret: str = field(default="", repr=False)


# of a serving connection; a statement whose client was killed ends within a second, with all it holds, also while it waits
LIMITS = "-c statement_timeout=15000 -c lock_timeout=10000 -c client_connection_check_interval=1000"
UNITS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400}


def stop(name: str, why: str) -> NoReturn:
    raise SystemExit(f"{name}: {why} (see .env.example)")


def text(name: str, default: str) -> str:
    return os.environ.get(name, "") or default


def secret(name: str) -> str:
    """A secret of at least 32 characters; there is no default, in no environment."""
    value = os.environ.get(name, "")
    if len(value) < 32:
        stop(name, "a secret of at least 32 characters is needed")
    return value


def choice(name: str, default: str, allowed: tuple[str, ...]) -> str:
    value = text(name, default)
    return value if value in allowed else stop(name, f"one of {', '.join(allowed)}, not {value!r}")


def words(name: str, default: str) -> list[str]:
    return [w.strip() for w in text(name, default).split(",") if w.strip()]


def flag(name: str, default: bool) -> bool:
    value = text(name, "on" if default else "off").lower()
    if value in ("1", "on", "true", "yes"):
        return True
    return False if value in ("0", "off", "false", "no") else stop(name, "on or off")


def number(name: str, default: int) -> int:
    value = text(name, str(default))
    return int(value) if value.isdigit() else stop(name, f"a whole number, not {value!r}")


def seconds(name: str, default: str) -> int:
    """`90`, `1 minute`, `2 hours`."""
    match = re.fullmatch(r"(\d+)\s*(second|minute|hour|day)?s?", text(name, default).strip())
    return int(match[1]) * UNITS[match[2] or "second"] if match else stop(name, "a time like '1 minute'")


def database(name: str, *, engine: str, pooled: bool, fallback: str = "") -> dict[str, Any]:
    """Django's settings for a `postgresql://user:password@host:port/name?connection_limit=&pool_timeout=` URL."""
    url = os.environ.get(name, "") or os.environ.get(fallback, "")
    if not url:
        stop(name, "the URL of the PostgreSQL database is needed")
    parts = urlsplit(url)
    database_name = unquote(parts.path.lstrip("/"))
    try:
        port = parts.port
    except ValueError:
        stop(name, "its port is not a number")
    if parts.scheme not in ("postgres", "postgresql") or not database_name:
        stop(name, "not a postgresql:// URL with a database name")
    query = {key: values[-1] for key, values in parse_qs(parts.query).items()}
    limit, wait = query.pop("connection_limit", "20"), query.pop("pool_timeout", "10")
    if not limit.isdigit() or not wait.isdigit() or not 1 <= int(limit) <= 300:
        stop(name, "connection_limit is a number from 1 to 300, pool_timeout seconds")
    return {
        "ENGINE": engine,
        "NAME": database_name,
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.pop("host", unquote(parts.hostname or "")),
        "PORT": str(port or query.pop("port", "")),
        "CONN_MAX_AGE": 0 if pooled else 60,
        "CONN_HEALTH_CHECKS": not pooled,
        "DISABLE_SERVER_SIDE_CURSORS": True,
        "OPTIONS": {
            "options": LIMITS if pooled else "",
            "application_name": "healthcare",
            **query,
            **({"pool": pool(int(limit), int(wait))} if pooled else {}),
        },
    }


def pool(limit: int, wait: int) -> dict[str, Any]:
    """Small, renewed every ten minutes: a backend that touched 200 schemas grows. `wait` seconds for a free connection."""
    from healthcare.core.postgresql.pool import forget_place

    return {"min_size": 1, "max_size": limit, "timeout": wait, "max_lifetime": 600, "reset": forget_place}


def redis_url() -> str:
    """REDIS_URL, or what REDIS_HOST and REDIS_PASSWORD make."""
    if url := os.environ.get("REDIS_URL", ""):
        return url if url.startswith(("redis://", "rediss://", "unix://")) else stop("REDIS_URL", "not a redis:// URL")
    host = os.environ.get("REDIS_HOST", "") or stop("REDIS_URL", "the URL of Valkey or Redis is needed")
    password = os.environ.get("REDIS_PASSWORD", "")
    return f"redis://{':' + quote(password) + '@' if password else ''}{host}:6379/0"


def mail(name: str, file_dir: str) -> dict[str, Any]:
    """`smtp://user:password@host:port` (`smtp+tls`, `smtp+ssl`), or a directory for files in development."""
    url = os.environ.get(name, "")
    parts = urlsplit(url or "smtp://localhost:25")
    if parts.scheme not in ("smtp", "smtp+tls", "smtp+ssl"):
        stop(name, "smtp://, smtp+tls:// or smtp+ssl://")
    to_files = bool(file_dir and not url)
    return {
        "backend": f"django.core.mail.backends.{'filebased' if to_files else 'smtp'}.EmailBackend",
        "path": file_dir or None,
        "host": parts.hostname or "localhost",
        "port": parts.port or 25,
        "user": unquote(parts.username or ""),
        "password": unquote(parts.password or ""),
        "tls": parts.scheme == "smtp+tls",
        "ssl": parts.scheme == "smtp+ssl",
    }


def account(name: str) -> Account:
    """`https://user:secret@host/path` of a provider's API; http only where it does not leave this machine."""
    url = os.environ.get(name, "")
    if not url:
        return Account()
    parts = urlsplit(url)
    if not parts.hostname or not parts.password:
        stop(name, "not a URL with host and secret")
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in ("127.0.0.1", "localhost", "::1")):
        stop(name, "https:// is needed")
    base = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path.rstrip('/')}"
    return Account(parts.hostname, base, unquote(parts.username or ""), unquote(parts.password))


def video(development: bool, secret_key: str) -> dict[str, str]:
    """How tokens for the video server are signed: RS256 with VIDEO_KEY_FILE, else HS256 with VIDEO_SECRET; `key` may be ""."""
    file, shared = os.environ.get("VIDEO_KEY_FILE", ""), os.environ.get("VIDEO_SECRET", "")
    if shared and len(shared) < 32:
        stop("VIDEO_SECRET", "a secret of at least 32 characters is needed")
    if development and not shared:
        shared = hmac.new(secret_key.encode(), b"video", "sha256").hexdigest()
    try:
        key = Path(file).read_text() if file else shared
    except OSError:
        stop("VIDEO_KEY_FILE", "it can't be read")
    return {
        "url": text("VIDEO_URL", "https://localhost:8443"),
        "app_id": text("VIDEO_APP_ID", "healthcare"),
        "audience": text("VIDEO_AUDIENCE", "jitsi"),
        "key": key,
        "key_id": text("VIDEO_KEY_ID", ""),
        "algorithm": "RS256" if file else "HS256",
    }
