"""What is the smallest product that `run.sh` can run? A clone with our launcher and stand-ins for the Django code."""

import shutil
from pathlib import Path

from healthcare.embedded.environment import ROOT

STAND_INS = {
    "healthcare/__init__.py": "",
    "healthcare/core/__init__.py": "",
    "healthcare/asgi.py": """
import json, os
from pathlib import Path

BORN = os.getpid()

async def application(scope, receive, send):
    if scope["type"] != "http":
        raise NotImplementedError
    well = not Path("ill").exists()
    body = {"status": "ok" if well else "degraded", "parts": {"database": "ok" if well else "down"}, "pid": BORN}
    body |= {name: os.environ.get(name) for name in ("DATABASE_URL", "BASE_URL", "HEALTHCARE_ENV")}
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json")]})
    await send({"type": "http.response.body", "body": json.dumps(body).encode()})
""",
    "manage.py": """
import sys, time
from pathlib import Path

command = sys.argv[1]
if Path(f"fail-{command}").exists():
    sys.exit(f"{command} went wrong")
if command == "demo":
    with Path("seedings").open("a") as seedings:
        seedings.write("one\\n")
    print("doctor@sunrise.example")
if command == "fail":
    sys.exit("failed")
while command in ("worker", "ticker"):
    time.sleep(60)
""",
}
SHARED = ("healthcare/embedded", "deploy/postgres", ".env.example", "run.sh")


def clone(folder: Path) -> Path:
    """Make one in `folder`; it shares nothing with this clone, not even the launcher's code."""
    for name in SHARED:
        source, target = ROOT / name, folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__", "tests"))
        else:
            shutil.copy2(source, target)
    for name, text in STAND_INS.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder
