"""A demo of two clinics under slugs of their own, seeded for good once for the tests of this folder and removed after them.

The seed opens clinics, which commits; so it can't live in a test's transaction. The tests themselves roll back.
"""

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pytest

from healthcare.demo.clinics import AYUR, NORTH, DemoClinic
from healthcare.demo.seeding import Size

# A Wednesday: afternoon in London, evening (the house is closed) in Pune
NOW = dt.datetime(2026, 11, 18, 15, 30, tzinfo=dt.UTC)
SIZE = Size(patients=220, days=1)
OPEN_HOUSE = NORTH._replace(slug="demo-day")
AT_NIGHT = AYUR._replace(slug="demo-night")


class Seeded(NamedTuple):
    first: dict[str, int]  # what the first seed said it made
    again: Callable[[dt.datetime], dict[str, int]]  # seed once more, at that instant


@pytest.fixture(scope="module")
def seeded(django_db_setup: None, django_db_blocker: Any) -> Iterator[Seeded]:
    from healthcare.demo import seeding
    from healthcare.tests.database import empty

    def run(now: dt.datetime) -> dict[str, int]:
        said: dict[str, int] = {}
        seeding.seed(SIZE, now, said.__setitem__)
        return said

    with pytest.MonkeyPatch.context() as patch, django_db_blocker.unblock():
        patch.setattr(seeding, "DEMO_CLINICS", (OPEN_HOUSE, AT_NIGHT))
        yield Seeded(run(NOW), run)
        empty()
        for demo in (OPEN_HOUSE, AT_NIGHT):
            _remove(demo)


@pytest.fixture(params=[OPEN_HOUSE, AT_NIGHT], ids=lambda demo: demo.slug)
def in_demo(request: Any, seeded: Seeded, db: None) -> Iterator[DemoClinic]:
    """Inside each of the two in turn."""
    from clinics.models import Clinic
    from healthcare.core.tenancy import in_clinic

    with in_clinic(Clinic.objects.get(slug=request.param.slug)):
        yield request.param


def _remove(demo: DemoClinic) -> None:
    from psycopg import sql

    from clinics.models import Clinic
    from clinics.services.schemas import owner_cursor
    from healthcare.core.tenancy import forget_clinics

    clinic = Clinic.objects.get(slug=demo.slug)
    schema = sql.Identifier(clinic.schema_name)
    with owner_cursor() as cursor:
        cursor.execute(sql.SQL("DROP SCHEMA {} CASCADE").format(schema))
        for what in ("SCHEMA public", "ALL TABLES IN SCHEMA public"):
            cursor.execute(sql.SQL("REVOKE ALL ON {} FROM {}").format(sql.SQL(what), schema))
        cursor.execute(sql.SQL("DROP ROLE {}").format(schema))
        cursor.execute("DELETE FROM clinics_location WHERE clinic_id = %s", [clinic.id])
        cursor.execute("DELETE FROM clinics_clinic WHERE id = %s", [clinic.id])
    forget_clinics()
