"""How do tests and drills get a migration that nobody has seen? A package beside the code: an app's own migrations and more.

The first new one is called 9001, so that it comes after whatever the app has. `undo` takes everything back.
"""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from psycopg import sql

ROOT = Path(__file__).resolve().parents[2]
APP, TABLE = "patients", "patients_patient"
BASE = "from django.db import migrations, models\n\n\nclass Migration(migrations.Migration):\n"
SETTINGS = "from healthcare.settings import *  # noqa: F403\n\nMIGRATION_MODULES = {{{app!r}: {package!r}}}\n"


def column(number: int) -> str:
    return f"synthetic_{number}"


def add_indexed_column(number: int) -> str:
    """A nullable column and an index on it: nothing that running code would notice."""
    name = column(number)
    return (
        f'migrations.AddField("patient", "{name}", models.IntegerField(null=True)), '
        f'migrations.AddIndex("patient", models.Index(fields=["{name}"], name="{name}"))'
    )


@dataclass
class Package:
    """Migrations of the app `patients` in a folder of their own; the newest is `last`."""

    folder: Path
    name: str
    last: str = ""
    numbers: list[int] = field(default_factory=list)

    @classmethod
    def made(cls, folder: Path, name: str) -> "Package":
        package = cls(folder, name)
        shutil.copytree(ROOT / APP / "migrations", folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        (folder / f"{name}_settings.py").write_text(SETTINGS.format(app=APP, package=name))
        package.last = max(file.stem for file in (folder / name).glob("0*.py"))
        return package

    def add(self, operations: str, *, attributes: str = "") -> str:
        """Write the next migration; answers its full name."""
        number = 9001 + len(self.numbers)
        name = f"{number}_synthetic"
        body = f"    dependencies = [({APP!r}, {self.last!r})]\n    operations = [{operations}]\n{attributes}"
        (self.folder / self.name / f"{name}.py").write_text(BASE + body)
        self.last = name
        self.numbers.append(number)
        return f"{APP}.{name}"

    def environment(self) -> dict[str, str]:
        path = os.pathsep.join([str(self.folder), os.environ.get("PYTHONPATH", "")])
        return {**os.environ, "PYTHONPATH": path, "DJANGO_SETTINGS_MODULE": f"{self.name}_settings"}

    def start(self, *words: str) -> "subprocess.Popen[str]":
        """`manage.py migrate_clinics` as an operator runs it, with these migrations."""
        command = [sys.executable, str(ROOT / "manage.py"), "migrate_clinics", *words]
        kept = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
        return subprocess.Popen(command, cwd=ROOT, env=self.environment(), start_new_session=True, **kept)  # type: ignore[call-overload, no-any-return]

    def run(self, *words: str) -> tuple[int, str]:
        process = self.start(*words)
        said, _ = process.communicate(timeout=300)
        return process.returncode, said

    def undo(self, cursor: Any) -> None:
        """Take columns, tables and records back, in every schema. `cursor` is the owner's."""
        cursor.execute("SELECT nspname FROM pg_namespace WHERE nspname = 'public' OR nspname ~ '^clinic_'")
        for (schema,) in cursor.fetchall():
            for number in self.numbers if schema != "public" else ():
                drop = sql.SQL("ALTER TABLE {} DROP COLUMN IF EXISTS {}")
                cursor.execute(drop.format(sql.Identifier(schema, TABLE), sql.Identifier(column(number))))
            record = sql.SQL("DELETE FROM {} WHERE app = %s AND name LIKE '9%%'")
            cursor.execute(record.format(sql.Identifier(schema, "django_migrations")), [APP])


def schemas_with(cursor: Any, number: int) -> tuple[set[str], set[str]]:
    """The clinics' schemas that have the column, and those that have the record of its migration: the same, or half is done."""
    cursor.execute("SELECT table_schema FROM information_schema.columns WHERE column_name = %s", [column(number)])
    having = {name for (name,) in cursor.fetchall()}
    cursor.execute("SELECT nspname FROM pg_namespace WHERE nspname ~ '^clinic_'")
    recorded = set()
    for (schema,) in cursor.fetchall():
        query = sql.SQL("SELECT 1 FROM {} WHERE app = %s AND name = %s").format(sql.Identifier(schema, "django_migrations"))
        cursor.execute(query, [APP, f"{number}_synthetic"])
        if cursor.fetchone():
            recorded.add(schema)
    return having, recorded
