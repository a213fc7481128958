"""How do clinics come into being, and who sees what of them?"""

import time

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from clinics.grants import CLINIC_ON_PUBLIC, CLINICS_ROLE, drop_role
from clinics.models import Clinic, Location
from clinics.services import schemas
from clinics.services.migrating import bring_up_to_date
from clinics.services.opening import order_clinic
from healthcare.core import jobs
from healthcare.core.models import Job
from healthcare.core.tenancy import forget_clinics, in_clinic
from healthcare.tests.client import client
from patients.models import Patient


@pytest.mark.django_db
class TestDirectory:
    def test_anybody_reads_the_directory_and_finds_no_person_in_it(self, north, south):
        answer = client(None, None).get("/clinics")
        assert [c["slug"] for c in answer.json()["results"]] == ["north", "south"]
        assert set(answer.json()["results"][0]) == {
            "id", "slug", "name", "state", "zone", "currency", "language", "address", "specialities", "version"
        }  # fmt: skip

    def test_one_clinic_is_read_by_slug_or_id(self, north):
        answers = [client(None, None).get(f"/clinics/{name}").json()["slug"] for name in ("north", north.id)]
        assert answers == ["north", "north"]

    def test_an_unknown_clinic_is_a_404(self):
        answer = client(None, None).get("/clinics/nowhere")
        assert (answer.status_code, answer.json()["code"]) == (404, "clinic_not_found")

    def test_pages_follow_each_other_without_gap_or_repeat(self, north, south):
        first = client(None, None).get("/clinics?page_size=1").json()
        second = client(None, None).get(first["next"]).json()
        assert [first["results"][0]["slug"], second["results"][0]["slug"]] == ["north", "south"]
        assert second["next"] is None

    def test_the_directory_costs_the_same_for_one_clinic_as_for_three(self, north, django_assert_num_queries):
        nobody = client(None, None)
        with django_assert_num_queries(1):
            nobody.get("/clinics")
        for slug in ("third", "fourth"):
            Clinic(slug=slug, name=slug, state="open").save()
        forget_clinics()
        with django_assert_num_queries(1):
            nobody.get("/clinics")

    def test_my_clinics_are_those_i_belong_to(self, member, north, south):
        assert [c["slug"] for c in client(member("patient"), None).get("/clinics/mine").json()["results"]] == ["north"]


@pytest.mark.django_db
class TestNaming:
    def test_a_route_of_a_clinic_needs_a_clinic(self, member):
        answer = client(member("receptionist"), None).get("/patients")
        assert (answer.status_code, answer.json()["code"]) == (400, "clinic_required")

    def test_two_different_names_are_a_conflict_and_two_equal_ones_are_not(self, member, north):
        who = client(member("receptionist"), "north")
        assert who.get("/clinics/south/patients").json()["code"] == "clinic_conflict"
        assert who.get(f"/clinics/{north.id}/patients").status_code == 200

    def test_a_host_of_its_own_names_the_clinic(self, member):
        who = client(member("receptionist"), None)
        assert who.get("/patients", headers={"host": "north.localhost"}).status_code == 200
        assert who.get("/patients", headers={"host": "south.localhost"}).status_code == 404

    def test_a_foreign_and_an_unknown_clinic_look_alike(self, member, south):
        who = client(member("receptionist"), None)
        answers = [who.get("/patients", headers={"X-Clinic-ID": name}).json() for name in ("south", "nowhere", str(south.id))]
        assert all(a.pop("request_id") for a in answers)
        assert answers[0] == answers[1] == answers[2] and answers[0]["code"] == "clinic_not_found"


@pytest.mark.django_db
class TestOrdering:
    def test_a_super_admin_orders_a_clinic_and_a_job_is_owed(self, member):
        answer = client(member("super_admin"), None).post("/clinics", {"slug": "west", "name": "West", "zone": "Asia/Tokyo"})
        assert (answer.status_code, answer.json()["state"]) == (201, "opening")
        assert Job.objects.get(name="clinic.open").args == {"id": answer.json()["id"]}
        assert client(None, None).get("/clinics/west").json()["state"] == "opening"

    def test_a_clinic_admin_does_not(self, member):
        answer = client(member("clinic_admin"), None).post("/clinics", {"slug": "west", "name": "West"})
        assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")

    @pytest.mark.parametrize("slug", ["We st", "-a", "a-", "ä", "", "a" * 51])
    def test_a_slug_that_is_no_host_name_is_refused(self, member, slug):
        assert client(member("super_admin"), None).post("/clinics", {"slug": slug, "name": "W"}).status_code == 400

    def test_a_slug_is_given_once(self, member, north):
        answer = client(member("super_admin"), None).post("/clinics", {"slug": "north", "name": "N"})
        assert (answer.status_code, answer.json()["code"]) == (409, "slug_taken")

    def test_an_admin_changes_the_own_clinic_and_no_other(self, member, north):
        admin = client(member("clinic_admin"), None)
        assert admin.patch("/clinics/north", {"address": "1 High Street"}).json()["address"] == "1 High Street"
        assert admin.patch("/clinics/south", {"address": "x"}).status_code == 403
        assert client(member("receptionist"), None).patch("/clinics/north", {"address": "x"}).status_code == 403

    def test_a_stale_change_is_refused(self, member, north):
        admin = client(member("clinic_admin"), None)
        seen = admin.get("/clinics/north")["ETag"]
        assert admin.patch("/clinics/north", {"address": "a"}, headers={"If-Match": seen}).status_code == 200
        assert admin.patch("/clinics/north", {"address": "b"}, headers={"If-Match": seen}).status_code == 412


@pytest.mark.django_db
@pytest.mark.parametrize("change", [{"slug": "No Good"}, {"currency": "usd"}])
def test_the_database_itself_refuses_a_malformed_clinic(change):
    with pytest.raises(IntegrityError), transaction.atomic():
        Clinic(**{"slug": "ok", "name": "x", **change}).save()


@pytest.mark.parallel
class TestOpening:
    @pytest.fixture(autouse=True)
    def _end_what_was_opened(self, committed):
        yield
        Location.objects.exclude(clinic__slug__in=["north", "south"]).delete()
        for clinic in Clinic.objects.exclude(slug__in=["north", "south"]):
            with schemas.owner_cursor() as cursor:
                cursor.execute(f'DROP SCHEMA IF EXISTS "{clinic.schema_name}" CASCADE')
                drop_role(cursor, clinic.schema_name)
            Clinic.objects.filter(pk=clinic.pk).delete()
        forget_clinics()

    def test_the_job_opens_it_and_a_second_run_harms_nothing(self):
        clinic = order_clinic(slug="west", name="West")
        job = Job.objects.get(name="clinic.open")
        assert jobs.run(job.id) is True
        assert Clinic.objects.get(pk=clinic.pk).state == "open"
        with in_clinic(clinic):
            assert Patient.objects.count() == 0
        Job.objects.update(state="ready")
        assert jobs.run(job.id) is True

    def test_opening_takes_less_than_a_second(self):
        call_command("clinic_create", "warm", "Warm")
        begun = time.monotonic()
        call_command("clinic_create", "west", "West")
        assert time.monotonic() - begun < 1

    def test_the_command_refuses_a_taken_slug(self):
        with pytest.raises(CommandError, match="Another clinic"):
            call_command("clinic_create", "north", "North again")

    def test_a_migration_run_with_nothing_owed_changes_nothing(self):
        assert bring_up_to_date(say=lambda line: None) == []

    def test_a_clinic_that_lacks_a_migration_is_named(self):
        call_command("clinic_create", "west", "West")
        west = Clinic.objects.get(slug="west")
        with schemas.owner_cursor() as cursor:
            cursor.execute(f"DELETE FROM \"{west.schema_name}\".django_migrations WHERE app = 'patients'")
        assert schemas.behind() == [west.schema_name]


# every column of public on which the role has a right, by itself, as an heir or as anybody
RIGHTS = """
SELECT c.relname, wanted,
       array_agg(a.attname::text ORDER BY a.attname) FILTER (WHERE has_column_privilege(%s, c.oid, a.attnum, wanted)),
       array_agg(a.attname::text ORDER BY a.attname)
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
CROSS JOIN unnest(ARRAY['SELECT', 'INSERT', 'UPDATE']) wanted
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm') GROUP BY 1, 2
"""


@pytest.mark.django_db(databases=["default", "keystore", "owner"])
def test_the_clinics_role_reads_of_public_what_is_listed_and_no_more(north):
    with schemas.owner_cursor() as cursor:
        cursor.execute(RIGHTS, [north.schema_name])
        found = cursor.fetchall()
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"
            " AND has_table_privilege(%s, oid, 'DELETE, TRUNCATE')",
            [north.schema_name],
        )
        emptied = cursor.fetchall()
        cursor.execute(
            "SELECT r.rolname, m.inherit_option, m.set_option FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.roleid"
            " WHERE m.member = %s::regrole",
            [north.schema_name],
        )
        inherited = cursor.fetchall()
    all_of = {table: columns for table, _, _, columns in found}
    listed = {
        (table, privilege): sorted(columns or all_of[table])
        for table, rights in CLINIC_ON_PUBLIC.items()
        for privilege, columns in rights
    }
    assert {(table, privilege): held for table, privilege, held, _ in found if held} == listed
    assert emptied == []
    assert inherited == [(CLINICS_ROLE, True, False)]


def rights_on(role: str, table: str) -> set[str]:
    query = "SELECT wanted FROM unnest(%s::text[]) wanted WHERE has_table_privilege(%s, %s, wanted)"
    with schemas.owner_cursor() as cursor:
        cursor.execute(query, [["SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE"], role, table])
        return {right for (right,) in cursor.fetchall()}


@pytest.mark.django_db(databases=["default", "keystore", "owner"])
@pytest.mark.parametrize(
    ("table", "rights"),
    [
        ("audit_entry", {"SELECT", "INSERT"}),
        ("django_migrations", {"SELECT"}),
        ("patients_patient", {"SELECT", "INSERT", "UPDATE", "DELETE"}),
    ],
)
def test_a_clinics_role_adds_to_its_trail_and_changes_only_what_is_its_own(north, table, rights):
    assert rights_on(north.schema_name, f"{north.schema_name}.{table}") == rights


@pytest.mark.django_db(databases=["default", "keystore", "owner"])
@pytest.mark.parametrize(
    ("table", "rights"),
    [
        ("platform_audit_entry", {"SELECT", "INSERT"}),
        ("django_migrations", {"SELECT"}),
        ("django_admin_log", set()),
        ("accounts_user", {"SELECT", "INSERT", "UPDATE", "DELETE"}),
    ],
)
def test_the_applications_role_has_no_more_rights_on_public_than_it_needs(table, rights):
    assert rights_on(schemas.app_role(), f"public.{table}") == rights
