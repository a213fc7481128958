"""How does a test get a clinic with something in every corner, and compare clinics by their rows?"""

import datetime as dt
import io
import json
import tarfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.utils import timezone

from accounts.models import Display
from appointments.models import Appointment
from clinics.archive import rows
from clinics.archive.rows import Proof
from clinics.models import Clinic, Domain
from clinics.services import schemas
from clinics.services.ending import close_clinic, end_clinic
from clinics.services.exporting import export_clinic, selected, snapshot
from clinics.services.opening import open_clinic, order_clinic
from clinics.services.removing import drop_schema
from clinics.services.restoring import restore_clinic
from healthcare.core.ids import new_id
from healthcare.core.jobs import enqueue
from healthcare.core.models import Job
from healthcare.core.tenancy import forget_clinics, in_clinic, on_platform
from healthcare.tests import make
from healthcare.tests.client import client
from patients.models import Patient

MADE_BY_TESTS = ("west", "moved")


def fill(clinic: Clinic, name: str = "Mira") -> None:
    """People, charts, appointments, a screen, a host name, a job owed."""
    doctor = make.member("doctor", clinic)
    someone = make.member("patient", clinic, first_name=name)
    with in_clinic(clinic):
        practitioner = make.practitioner(user_id=doctor.user_id)
        charts = [make.patient(first_name=f"{name} {i}", last_name='O"Neill,\n; \\N') for i in range(3)]
        for number, chart in enumerate([*charts, Patient.objects.get(user=someone.user_id)]):
            at = timezone.now().replace(microsecond=0) + dt.timedelta(days=1, hours=number)
            known = {"kind": "consultation", "location_id": practitioner.location_id, "reason": f"ache {number}"}
            Appointment(
                patient=chart, practitioner=practitioner, starts_at=at, ends_at=at + dt.timedelta(minutes=10), **known
            ).save()
    with on_platform():
        Domain(domain=f"{clinic.slug}.hospital.example", tenant=clinic).save()
        Display(secret_digest=new_id().bytes, clinic=clinic, name="Hall", approved_at=timezone.now()).save()
        enqueue("clinic.open", key=f"owed:{clinic.id}", clinic_id=clinic.id, id=clinic.id, after=dt.timedelta(days=1))


def opened(slug: str = "west") -> Clinic:
    clinic = open_clinic(order_clinic(slug=slug, name=slug.title()))
    fill(clinic)
    return clinic


def export(clinic: Clinic, path: Path, **options: Any) -> Path:
    export_clinic(clinic=clinic, path=path, say=quiet, **options)
    return path


def end(clinic: Clinic, folder: Path) -> Any:
    return end_clinic(clinic=clinic, code=close_clinic(clinic=clinic), folder=folder, now=timezone.now(), say=quiet)


def restore(path: Path, **options: Any) -> Any:
    """Restore, but for the job that a restore itself owes: to repeat the erasures since the export."""
    done = restore_clinic(path=path, say=quiet, **options)
    with on_platform():
        Job.objects.filter(name="patients.erase_again").delete()
    return done


def schemas_of(clinic: Clinic) -> list[str]:
    """The clinic's schema, and what a restore left beside it."""
    with schemas.owner_cursor() as cursor:
        cursor.execute("SELECT nspname FROM pg_namespace WHERE nspname LIKE %s ORDER BY 1", [f"{clinic.schema_name}%"])
        return [name for (name,) in cursor.fetchall()]


def quiet(line: str) -> None:
    """Say nothing."""


# what goes on whatever is put back: events, and the trail
BEYOND = ("event", "platform_audit_entry", "audit_entry", "audit_seal")


def told(clinic: Clinic, *, without: tuple[str, ...] = BEYOND) -> dict[str, Proof]:
    """The proof of everything the clinic has; what is written about an export or a restore itself is left out."""
    with snapshot() as cursor:
        return {
            name: rows.copy_out(cursor, table)
            for name, table in selected(cursor, clinic, with_people=True)
            if table.name not in without
        }


def shape(clinic: Clinic) -> dict[str, list[Any]]:
    """Columns, keys, indexes, triggers and rights of the clinic's schema."""
    about = {
        "columns": "SELECT table_name, column_name, data_type, is_nullable, column_default IS NULL, is_identity"
        " FROM information_schema.columns WHERE table_schema = %s ORDER BY 1, 2",
        "constraints": "SELECT c.conrelid::regclass::text, conname, pg_get_constraintdef(c.oid) FROM pg_constraint c"
        " JOIN pg_namespace n ON n.oid = connamespace WHERE nspname = %s ORDER BY 1, 2",
        "indexes": "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = %s ORDER BY 1",
        "triggers": "SELECT tgname, pg_get_triggerdef(t.oid) FROM pg_trigger t JOIN pg_class c ON c.oid = tgrelid"
        " JOIN pg_namespace n ON n.oid = relnamespace WHERE NOT tgisinternal AND nspname = %s ORDER BY 1, 2",
        "rights": "SELECT grantee, table_name, privilege_type FROM information_schema.role_table_grants"
        " WHERE table_schema = %s AND grantee LIKE 'clinic%%' ORDER BY 1, 2, 3",
    }
    with schemas.owner_cursor() as cursor:
        found = {}
        for name, query in about.items():
            cursor.execute(query, [clinic.schema_name])
            found[name] = [tuple(row) for row in cursor.fetchall()]
    return found


def names(clinic: Clinic) -> list[str]:
    """What the charts say, opened."""
    with in_clinic(clinic):
        return sorted(chart.first_name for chart in Patient.objects.all())


def lose(clinic: Clinic) -> None:
    """The clinic is gone, with all that public has of it; its keys and people are not."""
    drop_schema(clinic.schema_name)
    with schemas.owner_cursor() as cursor:
        cursor.execute(f'DROP ROLE IF EXISTS "{clinic.schema_name}"')
        for table, column in (
            *(("clinics_tombstone", "clinic_id"), ("clinics_domain", "tenant_id"), ("clinics_location", "clinic_id")),
            *(("accounts_membership", "clinic_id"), ("accounts_display", "clinic_id"), ("job", "clinic_id")),
            ("clinics_clinic", "id"),
        ):
            cursor.execute(f"DELETE FROM {table} WHERE {column} = %s", [clinic.id])
    forget_clinics()


def forget_what_tests_made() -> None:
    Domain.objects.all().delete()
    for clinic in Clinic.objects.exclude(slug__in=["north", "south"]):
        drop_schema(f"{clinic.schema_name}_aside")
        lose(clinic)


def rewritten(path: Path, change: Callable[[dict[str, bytes]], object], *, twice: str = "") -> Path:
    """A copy of an archive with changed members, as somebody would make it who can't sign."""
    with tarfile.open(path) as tar:
        members = {member.name: tar.extractfile(member).read() for member in tar.getmembers()}  # type: ignore[union-attr]
    change(members)
    changed = path.with_name(f"changed-{path.name}")
    with tarfile.open(changed, "w") as tar:
        for name, data in [*members.items(), *([(twice, members[twice])] if twice else [])]:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return changed


def manifest(path: Path) -> dict[str, Any]:
    with tarfile.open(path) as tar:
        return dict(json.loads(tar.extractfile("manifest.json").read()))  # type: ignore[union-attr]


def entries(path: Path) -> list[dict[str, Any]]:
    return list(manifest(path)["members"])


@contextmanager
def untouched(*clinics: Clinic) -> Iterator[None]:
    """Other clinics' rows, schema and rights are the same afterwards."""
    before = [(told(clinic), shape(clinic)) for clinic in clinics]
    yield
    assert [(told(clinic), shape(clinic)) for clinic in clinics] == before


def is_served(clinic: Clinic, who: Any) -> int:
    return int(client(who, None).get("/patients", headers={"X-Clinic-ID": clinic.slug}).status_code)
