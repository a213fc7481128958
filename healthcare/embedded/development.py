"""How does the development product start, stop and begin anew?"""

import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from healthcare.embedded import environment, health, processes, programs, services
from healthcare.embedded.layout import Profile
from healthcare.embedded.ports import holder, is_free
from healthcare.embedded.postgresql import Cluster
from healthcare.embedded.steps import step
from healthcare.embedded.trouble import Trouble

PATIENCE = 90.0  # seconds until /health must be ok
BIG_LOG = 10_000_000  # bytes
DEMO_PASSWORD = "demo-clinic-2026"  # noqa: S105 — public on purpose, refused in production


def start(profile: Profile) -> None:
    """Bring the product up, or join the one that runs. Two starts at once share one server."""
    with profile.locked("start"):
        env = base_environment(profile)
        if running := processes.recorded(supervisor_record(profile)):
            _join(profile, env, int(running[1]["port"]))
            return
        _refuse_busy_port(profile, env)
        with step("PostgreSQL and Valkey"):
            env |= services.start(profile, also={"BASE_URL": env["BASE_URL"]})
        with step("database schemas (migrate_clinics)"):
            manage(profile, env, "migrate_clinics", "--stopped")
        if not _seeded(profile):
            with step("demo data (demo)"):
                manage(profile, env, "demo")
            profile.seeded.write_text(_seed(profile))
        with step("web, worker and ticker"):
            supervise(profile, env)
            _wait_until_ok(profile, env)
    welcome(profile, env)


def stop(profile: Profile) -> bool:
    """End everything of the profile, whatever was killed before; answers whether anything ran."""
    with profile.locked("start"):
        return _stop(profile)


def restart(profile: Profile) -> None:
    """Stop and start, on the same port unless another one is asked for."""
    if running := processes.recorded(supervisor_record(profile)):
        os.environ.setdefault("PORT", str(running[1]["port"]))
    stop(profile)
    start(profile)


def reset(profile: Profile) -> None:
    """Stop, and delete everything that the profile ever stored."""
    with profile.locked("start"):
        _stop(profile)
        Cluster(profile).delete()
        shutil.rmtree(profile.folder, ignore_errors=True)
    if profile.folder.exists():
        raise Trouble(f"{profile.folder} can't be deleted: it holds files of another user")


def base_environment(profile: Profile) -> dict[str, str]:
    """What a process of the profile sees besides its services. Raises Trouble for what can't be right."""
    try:
        env = environment.read(profile.root / ".env") | dict(os.environ)
    except ValueError as malformed:
        raise Trouble(str(malformed)) from None
    if env.get("HEALTHCARE_ENV") == "production":
        raise Trouble("HEALTHCARE_ENV=production is not for `dev`: use ./run.sh prod start, or unset it")
    host, port = programs.address(env)
    shown = "127.0.0.1" if host in health.EVERYWHERE else host
    env.setdefault("BASE_URL", f"http://{shown}:{port}")
    return env


def manage(profile: Profile, env: Mapping[str, str], *words: str) -> str:
    """Run a management command, its output kept in the log folder. Raises Trouble with the last line it said."""
    log = profile.log / f"{words[0]}.log"
    done = subprocess.run(
        [sys.executable, "manage.py", *words],
        cwd=profile.root,
        env=dict(env),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
    log.write_text(done.stdout)
    if done.returncode:
        said = done.stdout.strip().splitlines() or ["nothing"]
        raise Trouble(f"manage.py {words[0]} failed: {said[-1]} (whole output: {log})")
    return done.stdout


def supervise(profile: Profile, env: Mapping[str, str]) -> None:
    """Start the supervisor, which starts the programs. It survives this process."""
    for log in profile.log.glob("*.log"):
        if log.stat().st_size > BIG_LOG:
            log.replace(log.with_suffix(".log.1"))
    programs.stop_orphans(profile)
    programs.start(profile, "supervisor", env)


def supervisor_record(profile: Profile) -> Path:
    return profile.run / "supervisor.json"


def welcome(profile: Profile, env: Mapping[str, str]) -> None:
    base = env["BASE_URL"].rstrip("/")
    began = env.get("HEALTHCARE_RUN_STARTED", "")
    took = f" after {time.time() - int(began):.0f} s" if began.isdecimal() else ""
    password = env.get("DEMO_PASSWORD") or DEMO_PASSWORD
    print(f"\nready{took}: {base}/")
    for path, what in (
        ("/api", "API documentation (Swagger UI)"),
        ("/admin", "staff"),
        ("/queue-dashboard", "job queues"),
        ("/health", "health"),
        ("/metrics", "Prometheus"),
    ):
        print(f"  {base}{path:<18}{what}")
    print(f"\ndemo logins: <role>@<clinic>.example with password {password}")
    for line in demo_logins(profile):
        print(f"  {line}")
    print("\n./run.sh dev status | logs | stop")


def demo_logins(profile: Profile) -> list[str]:
    """The lines in which the seed named its people."""
    try:
        said = (profile.log / "demo.log").read_text()
    except OSError:
        return []
    return [line.strip() for line in said.splitlines() if "@" in line and ".example" in line]


def _seeded(profile: Profile) -> bool:
    """Whether this very seed is in the embedded database; one that the person gave is asked each time."""
    given = "DATABASE_URL" in services.given_by_person(profile)
    return not given and profile.seeded.exists() and profile.seeded.read_text() == _seed(profile)


def _seed(profile: Profile) -> str:
    """Changes with the seed's code and with the day: its diary and its live queue are about today."""
    code = b"".join(file.read_bytes() for file in sorted((profile.root / "healthcare" / "demo").rglob("*.py")))
    return f"{time.strftime('%Y-%m-%d')} {hashlib.sha256(code).hexdigest()}"


def _join(profile: Profile, env: Mapping[str, str], port: int) -> None:
    """Wait for the product that runs already. Raises Trouble when another port was asked for."""
    if env.get("PORT") and programs.address(env)[1] != port:
        raise Trouble(f"it runs already, on port {port}: PORT={env['PORT']} ./run.sh dev restart moves it")
    joined = {**env, "PORT": str(port)}
    joined["BASE_URL"] = environment.read(profile.services_env).get("BASE_URL", env["BASE_URL"])
    with step("it runs already, waiting until it is healthy"):
        _wait_until_ok(profile, joined)
    welcome(profile, joined)


def _refuse_busy_port(profile: Profile, env: Mapping[str, str]) -> None:
    programs.stop(profile)  # what a killed supervisor left behind holds the port too
    programs.stop_orphans(profile)
    host, port = programs.address(env)
    if not is_free(port, host):
        raise Trouble(f"port {port} is in use{holder(port)}: end it, or choose another one: PORT={port + 1} ./run.sh dev start")


def _wait_until_ok(profile: Profile, env: Mapping[str, str]) -> None:
    def dead() -> str | None:
        return None if processes.recorded(supervisor_record(profile)) else "the supervisor ended"

    if wrong := health.wait_until_ok(*programs.address(env), patience=PATIENCE, dead=dead):
        raise Trouble(f"the product is not healthy: {wrong} (./run.sh dev logs tells more; it keeps trying)")


def _stop(profile: Profile) -> bool:
    ran = bool(processes.recorded(supervisor_record(profile)) or not services.none_live(profile))
    programs.stop(profile, ("supervisor",))  # first: it would bring back the others
    programs.stop(profile)
    programs.stop_orphans(profile)
    services.stop(profile)
    return ran
