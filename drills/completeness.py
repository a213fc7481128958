#!/usr/bin/env python3
"""Is every change of every audited row on the trail, once, whoever made it and by whichever way? Exits 1 if not.

    python drills/completeness.py [--examples 2] [--seed 1]

Starts a product of its own with demo data. A second witness, triggers of the superuser's that know nothing of the trail,
notes each row that changes in every clinic and in public. Then there is traffic: every operation of the API with input that
its schema makes (three roles), people who book, move, cancel and are treated, the admin's forms, the jobs that follow, an
import, bulk writes and update() through the ORM, SQL as the application's role and as the owner. In the end each change that
the witness saw must have exactly one entry with its action (completeness), and each entry a change. Health data is not looked
at.
"""

import argparse
import os
import random
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from drills.leaks.traffic import Api  # noqa: E402
from healthcare.embedded.postgresql import Cluster  # noqa: E402
from healthcare.embedded.product import Product, running_product  # noqa: E402

PROFILE = "completeness"
WITNESS = """
CREATE SCHEMA witness;
CREATE TABLE witness.seen (place text, tab text, op text, was jsonb, becomes jsonb);
CREATE FUNCTION witness.note() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    INSERT INTO witness.seen VALUES (TG_TABLE_SCHEMA, TG_TABLE_NAME,
        CASE TG_OP WHEN 'INSERT' THEN 'create' WHEN 'UPDATE' THEN 'update' ELSE 'delete' END, to_jsonb(OLD), to_jsonb(NEW));
    RETURN NULL;
END $$;
"""
PLACES = "SELECT nspname FROM pg_namespace WHERE nspname = 'public' OR nspname ~ '^clinic_[0-9a-f]{32}$' ORDER BY 1"
TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = %s AND tablename = ANY(%s)"
ENTRIES = "SELECT object_type, action, object_id FROM {} WHERE at >= %s AND action IN ('create', 'update', 'delete')"
Change = tuple[str, str, str, str]  # schema, model, action, id


class Witness:
    def __init__(self, product: Product) -> None:
        import psycopg

        from monitoring.trail import policy

        self.policies = policy.policies()
        url = Cluster(product.profile).superuser(product.profile.state()["ports"]["postgres"], "healthcare")
        self.own = psycopg.connect(url, autocommit=True)
        self.own.execute(WITNESS)
        self.places = [name for (name,) in self.own.execute(PLACES).fetchall()]
        self.tables = 0
        for place in self.places:
            for (table,) in self.own.execute(TABLES, [place, list(self.policies)]).fetchall():
                self.own.execute(
                    f'CREATE TRIGGER witness AFTER INSERT OR UPDATE OR DELETE ON "{place}"."{table}"'
                    " FOR EACH ROW EXECUTE FUNCTION witness.note()"
                )
                self.tables += 1
        (self.since,) = self.own.execute("SELECT clock_timestamp()").fetchone()  # type: ignore[misc]

    def changes(self) -> Counter[Change]:
        """What changed, without updates of columns that nobody looks at (an order's version, a time of last use)."""
        found = Counter[Change]()
        for place, table, op, was, becomes in self.own.execute("SELECT * FROM witness.seen").fetchall():
            rule = self.policies[table]
            if op == "update" and all(was[k] == becomes[k] for k in becomes if k not in rule["out"]):
                continue
            found[place, rule["label"], op, str((becomes or was)[rule["key"]])] += 1
        return found

    def entries(self) -> Counter[Change]:
        found = Counter[Change]()
        for place in self.places:
            trail = f'"{place}".' + ("platform_audit_entry" if place == "public" else "audit_entry")
            for label, action, key in self.own.execute(ENTRIES.format(trail), [self.since]).fetchall():
                found[place, label, action, key] += 1
        return found


# -- traffic -----------------------------------------------------------------------------------------------------------
def by_api(product: Product, password: str, examples: int) -> int:
    """Every operation, with input as its schema makes it, by three roles in turn. Answers how many calls."""
    import itertools

    import schemathesis
    from schemathesis import GenerationMode

    from healthcare.tests.formats import CONFIG, generated

    api = Api(product.base_url)
    roles = ("patient", "receptionist", "clinic_admin", "doctor", "super_admin")
    tokens = [api("POST", "/auth/login", {"identifier": f"{role}@north.example", "password": password}) for role in roles]
    who = itertools.cycle(token["access"] for token in tokens if token and "access" in token)
    schema = schemathesis.openapi.from_url(f"{product.base_url}/api/schema", config=schemathesis.Config.from_dict(CONFIG))
    calls = 0
    for result in schema.get_all_operations():
        operation = result.ok()
        if (
            "/auth/logout" in operation.label
            or "/password/" in operation.label
            or operation.label.startswith("DELETE /clinics/")
        ):
            continue
        for _ in range(2):
            headers = {"X-Clinic-ID": "north", "Authorization": f"Bearer {next(who)}"}

            def send(case: Any, headers: dict[str, str] = headers) -> None:
                nonlocal calls
                calls += 1
                case.call(headers=headers)

            generated(operation, GenerationMode.POSITIVE, headers, examples, send)
    return calls


def by_people(api: Api, password: str, luck: random.Random) -> int:
    """Charts with entries, bookings that are confirmed, moved, checked in, treated or cancelled. Answers how many bookings."""
    login = {"identifier": "receptionist@north.example", "password": password}
    desk = api("POST", "/auth/login", login)["access"]
    doctor = api("POST", "/auth/login", {**login, "identifier": "doctor@north.example"})["access"]
    booked = 0
    for card in api("GET", "/clinics/north/doctors", token=desk)["results"]:
        days = api("GET", f"/appointments/doctor/{card['id']}/availability?days=14&kind=consultation", token=desk)
        times = days.get("slots", [])
        for slot in luck.sample(times, min(8, len(times))):
            chart = api("POST", "/patients", {"first_name": "Nia", "phone": f"+49151{luck.randrange(10**7, 10**8)}"}, desk)[
                "id"
            ]
            for section, body in {"allergies": {"substance": "x"}, "contacts": {"relation": "other"}}.items():
                row = api("POST", f"/patients/{chart}/{section}", body, luck.choice((desk, doctor)))
                api("DELETE", f"/patients/{chart}/{section}/{(row or {}).get('id')}", None, doctor)
            body = {"kind": "consultation", "doctor": card["id"], "starts_at": slot["starts_at"], "patient": chart}
            one = api("POST", "/appointments", body, desk)
            booked += "id" in one
            for verb in luck.sample(("confirm", "check-in", "start", "complete", "cancel", "hold", "no-show"), 4):
                api("POST", f"/appointments/{one.get('id')}/{verb}", {}, desk)
            api("POST", f"/patients/{chart}/merges", {"source": chart, "reason": "x"}, desk)
    return booked


def by_import(product: Product, password: str) -> None:
    import httpx

    api = Api(product.base_url)
    chief = api("POST", "/auth/login", {"identifier": "clinic_admin@north.example", "password": password})["access"]
    lines = "\n".join(["first_name,last_name,date_of_birth", *(f"Nia{n},Bold,1990-02-{n % 28 + 1:02d}" for n in range(200))])
    headers = {"Authorization": f"Bearer {chief}", "X-Clinic-ID": "north"}
    for dry in ("true", "false"):
        form = {"format": "csv", "dry_run": dry}
        files = {"file": ("people.csv", lines.encode())}
        answer = httpx.post(f"{product.base_url}/patients/imports", headers=headers, data=form, files=files)
        if not answer.is_success:
            sys.exit(f"the import was refused: {answer.status_code} {answer.text[:300]}")
        for _ in range(60):
            if api("GET", f"/patients/imports/{answer.json()['id']}", token=chief)["state"] == "done":
                break
            time.sleep(1)
        else:
            sys.exit("the import did not come to its end")


def by_admin(password: str) -> int:
    """Forms of the admin, posted as a browser posts them: things entered, changed and (by an action) taken away."""
    from django.test import Client, override_settings
    from django.test.utils import setup_test_environment

    from appointments.models import Resource
    from clinics.models import Location
    from healthcare.core.tenancy import find_clinic, in_clinic, on_platform

    north, url, taken = find_clinic("north"), "/admin/appointments/resource/", 0
    with on_platform():
        place = Location.objects.filter(clinic_id=north.id).order_by("id")[0]
    setup_test_environment()  # answers tell what their pages were made of
    with override_settings(SECURE_SSL_REDIRECT=False):
        client = Client()
        client.post("/admin/login/", {"username": "clinic_admin@north.example", "password": password})
        for number in range(5):
            form = {"type": "room", "name": f"Room {number} of the drill", "location_id": str(place.id), "capacity": "1"}
            taken += client.post(f"{url}add/", {**form, "is_active": "on"}).status_code == 302
        with in_clinic(north):
            rooms = list(Resource.objects.filter(name__endswith="of the drill").order_by("id"))
        for room in rooms:
            page = client.get(f"{url}{room.pk}/change/")
            form = {**_filled(page.context), "name": f"{room.name}, changed"}
            taken += client.post(f"{url}{room.pk}/change/", form).status_code == 302
    if taken < 10:
        sys.exit(f"the admin took {taken} of 10 forms")
    return taken


def _filled(context: Any) -> dict[str, Any]:
    """What a browser would send back of the page's forms."""
    forms = [context["adminform"].form]
    for inline in context["inline_admin_formsets"]:
        forms += [inline.formset.management_form, *inline.formset.forms]
    sent = {}
    for form in forms:
        for name in form.fields:
            value = form[name].value()
            if value not in (None, False, ""):
                sent[form.add_prefix(name)] = "on" if value is True else value
    return sent


def by_orm_and_sql(luck: random.Random, product: Product) -> int:
    """Bulk writes, update(), cascades; SQL as the application's role and as the owner. Answers how many rows."""
    import psycopg
    from django.db import connection, transaction

    from healthcare.core.tenancy import find_clinic, in_clinic
    from notifications.models import Preference
    from patients.models import Allergy, Patient

    rows = 0
    clinic = find_clinic("south")
    with in_clinic(clinic), transaction.atomic():
        charts = list(Patient.objects.order_by("id")[:40])
        made = Allergy.objects.bulk_create([Allergy(patient=chart, substance="x") for chart in charts for _ in range(5)])
        Allergy.objects.filter(pk__in=[row.pk for row in made]).update(category=luck.choice(("food", "other")))
        Allergy.objects.filter(pk__in=[row.pk for row in made[::2]]).delete()
        Patient.objects.filter(pk__in=[chart.pk for chart in charts]).update(sex=luck.choice(("other", "unknown")))
        Preference.objects.bulk_create([Preference(patient=chart) for chart in charts], ignore_conflicts=True)
        rows += 3 * len(made)
        with connection.cursor() as cursor:
            cursor.execute("UPDATE patients_patient SET language = 'fr' WHERE id = ANY(%s)", [[c.pk for c in charts[:20]]])
            cursor.execute("DELETE FROM notifications_preference WHERE patient_id = ANY(%s)", [[c.pk for c in charts[:10]]])
    with psycopg.connect(product.env["OWNER_DATABASE_URL"]) as owner:
        owner.execute(f'UPDATE "{clinic.schema_name}".patients_patient SET language = %s', ["de"])
        owner.execute(f'UPDATE "{clinic.schema_name}".appointments_practitioner SET room = %s', ["owner"])
    return rows


def settled(witness: Witness) -> None:
    """Jobs have come to rest: nothing was written for five seconds."""
    before = -1
    for _ in range(40):
        (now,) = witness.own.execute("SELECT count(*) FROM witness.seen").fetchone()  # type: ignore[misc]
        if now == before:
            return
        before = now
        time.sleep(5)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])  # type: ignore[union-attr]
    parser.add_argument("--examples", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    luck = random.Random(given.seed)
    with running_product(PROFILE, env={"LIMITS_TIMES": "1000", "RATE_LIMIT_MAX": "1000000"}) as product:
        os.environ |= {**product.env, "DJANGO_SETTINGS_MODULE": "healthcare.settings"}
        import django

        django.setup()
        password = product.env.get("DEMO_PASSWORD", "demo-clinic-2026")
        witness = Witness(product)
        print(f"a witness at {witness.tables} tables of {len(witness.places)} schemas")
        print(f"people: {by_people(Api(product.base_url), password, luck)} bookings")
        by_import(product, password)
        print(f"admin: {by_admin(password)} forms taken")
        print(f"bulk and SQL: {by_orm_and_sql(luck, product)} rows and more")
        print(f"API: {by_api(product, password, given.examples)} calls")
        settled(witness)
        return report(witness.changes(), witness.entries())


def report(changes: Counter[Change], entries: Counter[Change]) -> int:
    missing, extra = changes - entries, entries - changes
    total = changes.total()
    print(f"{total} changes of {len({label for _, label, *_ in changes})} models, {entries.total()} entries")
    for what, odd in (("without an entry", missing), ("an entry without a change", extra)):
        kinds = Counter((label, action) for (_, label, action, _), n in odd.items() for _ in range(n))
        for (label, action), number in kinds.most_common(20):
            print(f"  {what}: {action} of {label}, {number}")
    print(f"completeness {(total - missing.total()) / max(total, 1):.6f}, {extra.total()} entries too many")
    return 0 if total > 1000 and not missing and not extra else 1


if __name__ == "__main__":
    sys.exit(main())
