#!/usr/bin/env python3
"""Does the start refuse a real PgBouncer in transaction mode, also with track_extra_parameters, and accept one in session mode?

    python drills/pooler.py            # needs pgbouncer on PATH (Debian: apt-get install pgbouncer)

Starts PgBouncer before the services of development, once in each mode, and asks `manage.py check --deploy --tag pooler` and
the start of the WSGI application through it. Exits 1 if an unsafe mode is let through or the safe one refused.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
MODES = {
    "session": ({"pool_mode": "session"}, True),
    "transaction": ({"pool_mode": "transaction"}, False),
    "transaction, path tracked": ({"pool_mode": "transaction", "track_extra_parameters": "search_path, IntervalStyle"}, False),
    "statement": ({"pool_mode": "statement"}, False),
}


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as door:
        return int(door.getsockname()[1])


def configuration(folder: Path, url: str, options: dict[str, str]) -> tuple[Path, str]:
    """Its file, and the URL that leads through it."""
    parts, port = urlsplit(url), free_port()
    (folder / "users").write_text(f'"{parts.username}" "{parts.password}"\n')
    lines = [
        "[databases]",
        f"* = host={parts.hostname} port={parts.port}",
        "[pgbouncer]",
        "listen_addr = 127.0.0.1",
        f"listen_port = {port}",
        "unix_socket_dir =",
        "auth_type = plain",
        f"auth_file = {folder / 'users'}",
        "ignore_startup_parameters = options, extra_float_digits",
        "default_pool_size = 5",
        *(f"{name} = {value}" for name, value in options.items()),
    ]
    if os.getuid() == 0:
        shutil.chown(folder, "nobody")
        lines.append("user = nobody")
    path = folder / "pgbouncer.ini"
    path.write_text("\n".join(lines) + "\n")
    for one in (folder, path, folder / "users"):
        one.chmod(0o755 if one.is_dir() else 0o644)
    return path, urlunsplit(parts._replace(netloc=f"{parts.username}:{parts.password}@127.0.0.1:{port}"))


def started(url: str) -> tuple[bool, bool]:
    """Whether `check --deploy` and the start of the WSGI application let this way through."""
    env = {**os.environ, "DATABASE_URL": url}
    check = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--tag", "pooler"], cwd=ROOT, env=env, capture_output=True, text=True
    )
    start = subprocess.run([sys.executable, "-c", "import healthcare.wsgi"], cwd=ROOT, env=env, capture_output=True, text=True)
    for line in (check.stderr + start.stderr).splitlines():
        if "pooler" in line:
            print(f"    {line.strip()[:150]}")
    return check.returncode == 0, start.returncode == 0


def main() -> int:
    program = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin")
    if program is None:
        print("pgbouncer is not on PATH")
        return 2
    from healthcare.embedded.environment import load

    load()
    print(subprocess.run([program, "--version"], capture_output=True, text=True).stdout.splitlines()[0])
    wrong = 0
    for name, (options, safe) in MODES.items():
        with tempfile.TemporaryDirectory(dir="/tmp") as folder:
            path, url = configuration(Path(folder), os.environ["DATABASE_URL"], options)
            pooler = subprocess.Popen([program, "-q", str(path)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            try:
                time.sleep(1)
                if pooler.poll() is not None:
                    print(f"  {name:<28} not known to this version of PgBouncer")
                    continue
                checked, begun = started(url)
            finally:
                pooler.terminate()
                pooler.wait(10)
        right = (checked, begun) == (safe, safe)
        wrong += not right
        said = {True: "let through", False: "refused"}
        print(f"  {name:<28} check {said[checked]}, start {said[begun]}{'' if right else '   WRONG'}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
