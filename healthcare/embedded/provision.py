"""How do the product's roles and databases come to be in a new cluster? By the script that production uses too."""

import subprocess

from healthcare.embedded import binaries
from healthcare.embedded.layout import Profile
from healthcare.embedded.ports import LOOPBACK
from healthcare.embedded.trouble import Trouble


def provision(profile: Profile, port: int) -> None:
    """Run deploy/postgres/roles.sql; a second run changes nothing. Raises Trouble with psql's last word."""
    passwords = profile.state()["passwords"]
    script = profile.root / "deploy" / "postgres" / "roles.sql"
    done = subprocess.run(
        [str(binaries.postgresql() / "psql"), "--no-psqlrc", "--quiet", "--file=-"],
        input=script.read_bytes(),
        env={
            "PATH": "/usr/bin:/bin",
            "LC_ALL": "C",
            "PGHOST": LOOPBACK,
            "PGPORT": str(port),
            "PGUSER": "postgres",
            "PGPASSWORD": passwords["postgres"],
            "PGDATABASE": "postgres",
            "HEALTHCARE_OWNER_PASSWORD": passwords["owner"],
            "HEALTHCARE_APP_PASSWORD": passwords["app"],
            "HEALTHCARE_KEYS_PASSWORD": passwords["keys"],
        },
        cwd="/",
        capture_output=True,
        check=False,
    )
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().splitlines() or ["nothing"]
        raise Trouble(f"making roles and databases failed, psql said: {said[-1]}")
