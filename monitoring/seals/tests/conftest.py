"""What do tests of seals stand on? A trail with entries that are through, folders for anchors, a superuser's hands."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings as configured
from psycopg import sql

from clinics.models import Clinic
from clinics.services.exporting import snapshot
from healthcare.core.tenancy import in_clinic
from healthcare.embedded.layout import Profile
from healthcare.embedded.postgresql import Cluster
from monitoring.seals import anchors, chains
from monitoring.seals.verifying import Verdict, verify
from monitoring.trail.writing import record


@pytest.fixture
def folder(tmp_path: Path, settings: Any) -> Path:
    settings.AUDIT_ANCHORS = [str(tmp_path / "anchors")]
    return tmp_path / "anchors"


@pytest.fixture
def chain(committed: None, folder: Path) -> chains.Chain:
    return chains.of_clinic(Clinic.objects.get(slug="north"))


@pytest.fixture
def note(chain: chains.Chain) -> Callable[[int], None]:
    """`note(5)` puts five deeds on the clinic's trail, each in a transaction of its own."""

    def some(count: int) -> None:
        with in_clinic(chain.clinic):
            for number in range(count):
                record("access", "patients.patient", f"p-{number}")

    return some


@pytest.fixture
def verified(chain: chains.Chain) -> Callable[[], Verdict]:
    def now() -> Verdict:
        known = anchors.of(chain.name)
        with snapshot() as cursor:
            return verify(chain, cursor, known)

    return now


@pytest.fixture
def intruder(chain: chains.Chain) -> Iterator[Callable[..., None]]:
    """Changes the trail as the owner can who takes the triggers off; `{e}` and `{s}` stand for entries and seals."""
    known = configured.DATABASES["owner"]
    address = {"host": known["HOST"], "port": known["PORT"], "user": known["USER"], "password": known["PASSWORD"]}
    with psycopg.connect(**address, dbname=known["NAME"], autocommit=True) as own:

        def does(statement: str, *values: Any) -> None:
            tables = {"e": chain.entries, "s": chain.seal_table}
            for table in tables.values():
                own.execute(sql.SQL("ALTER TABLE {} DISABLE TRIGGER USER").format(table))
            own.execute(sql.SQL(statement).format(**tables), values)
            for table in tables.values():
                own.execute(sql.SQL("ALTER TABLE {} ENABLE TRIGGER USER").format(table))

        yield does


@pytest.fixture
def superuser(chain: chains.Chain) -> Iterator[Any]:
    """A connection that nothing is forbidden to."""
    known = configured.DATABASES["owner"]
    profile = Profile.named(os.environ["HEALTHCARE_PROFILE"])
    with psycopg.connect(Cluster(profile).superuser(int(known["PORT"]), known["NAME"])) as own:
        yield own
        own.rollback()
