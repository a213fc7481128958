#!/usr/bin/env python3
"""Is there plain health data where it must not be? Canaries in every sealed column, traffic, then everything is read.

    python drills/canaries.py

Starts a product of its own on free ports. Fills every sealed column of every model (found by introspection) with a word or
a day of its own, made, changed and removed; what has no sample row is filled through the API (`BY_API`) and looked up in its
table. Plays people over HTTP (sign-up, charts, bookings, searches, an import, uploads) and provokes errors with canaries in
bodies, paths and queries; lets the jobs run. Then it looks for every canary, in plain, hexadecimal, base64 and UTF-16, in: the
data directory, WAL, `pg_dump` of all databases, Valkey (every key, and its files), logs of every process, bodies of errors.
Last it plants one canary in each of these places and looks again: what looks must find. Mails to people are not looked at:
they speak to the person. Exits 1 unless 0 were found, then all planted, and no sealed column was without a canary.
"""

import base64
import datetime as dt
import json
import os
import re
import secrets
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from healthcare.embedded import binaries
from healthcare.embedded.postgresql import Cluster
from healthcare.embedded.product import Product, running_product

PROFILE = "canaries"
MARK = b"kanariexq"  # every word begins with it; nothing else has it
PASSWORD = "correct-horse-battery-9"
FIRST_DAY = dt.date(1797, 1, 1)  # of days that nobody else speaks of
BY_API = {"challenge.address", "totp.secret"}  # sealed columns of rows that are gone after minutes or are made by the product


class Canaries:
    """Words that occur nowhere else, by what they were put into."""

    def __init__(self) -> None:
        self.words: dict[str, str] = {}
        self.values: dict[bytes, str] = {}  # what has no mark of ours, in each spelling
        self.written: set[str] = set()  # labels of columns that were written with one

    def word(self, where: str) -> str:
        return self.words.setdefault(where, MARK.decode() + secrets.token_hex(6))

    def value(self, where: str, value: bytes) -> None:
        """Something that is as good as a word, but not ours to make: looked for as it is, in every spelling."""
        for spelling in _spellings(value):
            self.values[spelling] = where

    def day(self, where: str) -> dt.date:
        found = FIRST_DAY + dt.timedelta(days=len(self.values))
        self.value(where, found.isoformat().encode())
        return found

    def found_in(self, piece: bytes) -> Iterator[str]:
        """What was put where a word stands in the piece, whichever way it is written."""
        for needle, read in NEEDLES:
            at = piece.find(needle)
            while at >= 0:
                text = read(piece[at : at + 200])
                yield next((where for where, word in self.words.items() if word.lower() in text), "a word of ours")
                at = piece.find(needle, at + 1)
        yield from (where for spelling, where in self.values.items() if spelling in piece)


def _plain(piece: bytes) -> str:
    return piece.decode("latin-1").lower()


def _hex(piece: bytes) -> str:
    return _plain(bytes.fromhex((HEXADECIMAL.match(piece) or [b""])[0].decode()))


def _wide(piece: bytes) -> str:
    return _plain(piece[::2])


def _coded(piece: bytes) -> str:
    return ""  # begins in the middle of a letter: the find is enough


def _middle(shift: int, said: bytes = MARK) -> bytes:
    """What it looks like in base64 when so many bytes of something else precede it."""
    coded = base64.b64encode(b"x" * shift + said)
    return coded[-(-8 * shift // 6) : 8 * (shift + len(said)) // 6]


def _spellings(value: bytes) -> set[bytes]:
    wide = value.decode("latin-1").encode("utf-16-le")
    return {value, value.lower(), value.hex().encode(), wide, *(_middle(shift, value) for shift in range(3))}


HEXADECIMAL = re.compile(rb"(?:[0-9a-f]{2})*")
NEEDLES: tuple[tuple[bytes, Callable[[bytes], str]], ...] = (
    (MARK, _plain),
    (MARK.capitalize(), _plain),
    (MARK.hex().encode(), _hex),
    (MARK.decode().encode("utf-16-le"), _wide),
    *((_middle(shift), _coded) for shift in range(3)),
)


# -- what is done ------------------------------------------------------------------------------------------------------
class Api:
    def __init__(self, base: str) -> None:
        self.base, self.bodies = base, []  # type: tuple[str, list[bytes]]

    def __call__(self, method: str, path: str, body: Any = None, token: str = "", clinic: str = "north") -> Any:
        data = body if isinstance(body, bytes) else None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json", "X-Clinic-ID": clinic}
        headers |= {"Authorization": f"Bearer {token}"} if token else {}
        request = urllib.request.Request(self.base + path, data=data, method=method, headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                text = answer.read()
        except urllib.error.HTTPError as refused:
            text = refused.read()
            self.bodies.append(text)
        try:
            return json.loads(text)
        except ValueError:
            return None


def fill_columns(canaries: Canaries) -> int:
    """A row of every model with sealed columns, made, changed and where possible removed, in a clinic and in public."""
    from clinics.services.opening import open_clinic, order_clinic
    from healthcare.core.fields import sealed_fields
    from healthcare.core.tenancy import in_clinic, on_platform
    from monitoring.trail.tests.rows import CLINIC, PUBLIC

    filled = 0
    with in_clinic(open_clinic(order_clinic(slug="kanarie", name="Canaries"))):
        filled += sum(_live(sample, canaries, sealed_fields) for sample in CLINIC.values())
    with on_platform():
        filled += sum(_live(sample, canaries, sealed_fields) for sample in PUBLIC.values())
    return filled


def _live(sample: Any, canaries: Canaries, sealed_fields: Any) -> int:
    from django.db import Error, transaction

    row = sample.make()
    columns = sealed_fields(type(row))
    if not columns:
        return 0
    try:  # a sample that leans on what is not there fails when it is committed: by then it has been written all the same
        with transaction.atomic():
            for turn in ("made", "changed"):
                for field in columns:
                    setattr(row, field.attname, _canary(canaries, field, f"{field.label} {turn}"))
                row.save()
            canaries.written |= {field.label for field in columns}
        if sample.deletable:
            with transaction.atomic():
                row.delete()
    except Error:
        pass
    return len(columns)


def _canary(canaries: Canaries, field: Any, where: str) -> Any:
    from healthcare.core.fields import SealedDate, SealedJSON

    if isinstance(field, SealedDate):
        return canaries.day(where)
    word = canaries.word(where)
    return {"said": word} if isinstance(field, SealedJSON) else _fitting(field.attname, word)


def _fitting(name: str, word: str) -> str:
    return f"{word.lower()}@people.example" if "email" in name else word if "phone" not in name else "+919812345678"


def sealed_columns() -> set[str]:
    """Labels of every sealed column that a model has: whatever class derives from `SealedField`."""
    from django.apps import apps

    from healthcare.core.fields import sealed_fields

    return {field.label for model in apps.get_models() for field in sealed_fields(model)}


def fill_by_api(api: Api, canaries: Canaries, registered: Any, desk: str) -> None:
    """Columns of `BY_API`. Each counts as filled once its row was read from the database and says it."""
    from accounts.models import Challenge, Totp
    from healthcare.core.tenancy import on_platform

    enrolled = (api("POST", "/auth/mfa/totp", {}, desk) or {}).get("secret", "")
    with on_platform():
        asked = Challenge.objects.filter(pk=(registered or {}).get("challenge")).first()
        if asked is not None and canaries.words["register email"] in str(asked.address):
            canaries.written.add("challenge.address")
        if enrolled and any(row.secret == enrolled for row in Totp.objects.all()):
            canaries.value("totp.secret in base32", enrolled.encode())
            canaries.value("totp.secret as bytes", base64.b32decode(enrolled))
            canaries.written.add("totp.secret")


def play(api: Api, canaries: Canaries, password: str) -> None:
    """People over HTTP, and what goes wrong."""
    say = canaries.word
    known = {"email": f"{say('register email')}@people.example".lower(), "password": PASSWORD}
    registered = api(
        "POST", "/auth/register", {**known, "first_name": say("register first"), "last_name": say("register last")}
    )
    api("POST", "/auth/login", {"identifier": known["email"], "password": say("wrong password")})
    api("POST", "/auth/login", {"identifier": known["email"], "password": PASSWORD})  # by a contact that is still to be proven
    token = registered["access"]
    desk = api("POST", "/auth/login", {"identifier": "receptionist@north.example", "password": password}).get("access", "")
    chart = api(
        "POST",
        "/patients",
        {
            "first_name": say("desk first"),
            "last_name": say("desk last"),
            "email": f"{say('desk email').lower()}@people.example",
        },
        desk,
    )
    doctor = api("GET", "/clinics/north/doctors", token=desk)["results"][0]["id"]
    free = api("GET", f"/appointments/doctor/{doctor}/availability?days=14&kind=consultation", token=desk)
    slots = [slot["starts_at"] for slot in _slots(free)][:4]
    for turn, starts_at in enumerate(slots):
        body = {"kind": "consultation", "doctor": doctor, "starts_at": starts_at, "reason": say(f"reason {turn}")}
        booked = api(
            "POST", "/appointments", {**body, "patient": chart["id"]} if turn % 2 else body, desk if turn % 2 else token
        )
        api("POST", f"/appointments/{(booked or {}).get('id')}/cancel", {"reason": say(f"cancel {turn}")}, desk)
    api("POST", "/patients/search", {"name": say("search name")}, desk)
    api("POST", "/patients/search", {"phone": say("search phone")}, desk)
    api("PATCH", f"/patients/{chart['id']}", {"last_name": say("patched")}, desk)
    for section, body in {"allergies": {"substance": say("allergy")}, "notes": {"text": say("note")}}.items():
        api("POST", f"/patients/{chart['id']}/{section}", body, desk)
    bring(api, canaries, password, desk, chart["id"])
    fill_by_api(api, canaries, registered, desk)
    # what goes wrong
    api("POST", "/patients", b'{"first_name": "' + say("broken json").encode(), desk)
    api("POST", "/patients", {"first_name": [say("wrong type")], say("unknown field"): 1}, desk)
    api("POST", "/patients", {"first_name": say("nul") + "\x00"}, desk)
    api("POST", "/patients", {"first_name": say("too long") * 400}, desk)
    api("GET", f"/patients/{say('in the path')}", token=desk)
    api("GET", f"/patients?name={say('in the query')}&cursor={say('as cursor')}", token=desk)
    api("GET", f"/{say('nowhere')}", token=desk)
    api("POST", "/auth/register", {**known, "first_name": say("twice")})
    api("GET", f"/admin/patients/patient/?q={say('admin search')}")
    api("GET", "/patients", token=say("as token"))
    api("GET", "/patients", token=desk, clinic=say("as clinic"))


def bring(api: Api, canaries: Canaries, password: str, desk: str, chart: str) -> None:
    """Files: a document for the chart, an import of people, one that can't be read."""
    import httpx

    say = canaries.word
    chief = api("POST", "/auth/login", {"identifier": "clinic_admin@north.example", "password": password})["access"]

    def sent(path: str, token: str, file: tuple[str, bytes], **form: str) -> Any:
        headers = {"Authorization": f"Bearer {token}", "X-Clinic-ID": "north"}
        answer = httpx.post(api.base + path, headers=headers, data=form, files={"file": file}, timeout=30)
        if answer.status_code >= 400:
            api.bodies.append(answer.content)
        return answer.json()

    made = sent(f"/patients/{chart}/documents", desk, (say("file name") + ".txt", say("document").encode()), title=say("title"))
    api("GET", f"/patients/{chart}/documents/{made['id']}/content", token=desk)
    lines = (
        f"first_name,last_name,phone,email\n{say('imported first')},{say('imported last')},,\n,{say('imported wrong')},12,x\n"
    )
    for dry in ("true", "false"):
        run = sent("/patients/imports", chief, (say(f"import name {dry}"), lines.encode()), format="csv", dry_run=dry)
        for _ in range(30):
            if api("GET", f"/patients/imports/{run['id']}", token=chief)["state"] == "done":
                break
            time.sleep(1)
    sent("/patients/imports", chief, ("broken", b"\xff" + say("broken import").encode()), format="csv", dry_run="true")


def _slots(answer: Any) -> Iterator[dict[str, Any]]:
    if isinstance(answer, dict):
        if "starts_at" in answer:
            yield answer
        for value in answer.values():
            yield from _slots(value)
    elif isinstance(answer, list):
        for value in answer:
            yield from _slots(value)


def fail_in_the_database(canaries: Canaries) -> None:
    """Statements that PostgreSQL refuses, with canaries in them; a job that fails with one in its error."""
    from django.db import Error, connection, transaction

    from healthcare.core import jobs
    from healthcare.core.tenancy import find_clinic, in_clinic

    with in_clinic(find_clinic("north")):
        for statement in (
            "INSERT INTO patients_patient (id, mrn) VALUES (gen_random_uuid(), %s)",
            "SELECT %s::uuid",
            "SELECT * FROM patients_patient WHERE mrn = %s AND nonsense",
            "SELECT pg_sleep(0), 1 / (length(%s) - length(%s))",
        ):
            word = canaries.word(f"statement {len(canaries.words)}")
            try:
                with transaction.atomic(), connection.cursor() as cursor:
                    cursor.execute(statement, [word] * statement.count("%s"))
            except Error:
                pass
    try:
        jobs.enqueue("clinic.open", key="canary", id=canaries.word("job argument"))
    except Exception:
        pass


# -- where is looked ---------------------------------------------------------------------------------------------------
def places(product: Product, api: Api) -> Iterator[tuple[str, bytes]]:
    """Every place with its bytes, piece by piece."""
    folder, data = product.profile.folder, Cluster(product.profile).data
    for kind, root in (("postgresql", data), ("files", folder)):
        for file in sorted(root.rglob("*")):
            if not file.is_file() or "/mail/" in str(file):
                continue
            place = "WAL" if "pg_wal" in file.parts else "logs" if file.suffix == ".log" else kind
            yield from ((place, piece) for piece in _pieces(file))
    for database in ("healthcare", "healthcare_keys"):
        yield "pg_dump", _dump(product, database)
    for name in ("REDIS_URL", "CACHE_URL"):
        yield from (("valkey", piece) for piece in _stored(product.env[name]))
    yield from (("error bodies", body) for body in api.bodies)


def _pieces(file: Path) -> Iterator[bytes]:
    """Blocks that overlap, so that nothing hides at a border."""
    try:
        with file.open("rb") as source:
            tail = b""
            while block := source.read(1 << 22):
                yield tail + block
                tail = block[-64:]
    except OSError:
        return


def _dump(product: Product, database: str) -> bytes:
    url = Cluster(product.profile).superuser(product.profile.state()["ports"]["postgres"], database)
    done = subprocess.run([binaries.postgresql() / "pg_dump", "--inserts", url], capture_output=True, check=True)
    return done.stdout


def _stored(url: str) -> Iterator[bytes]:
    import redis

    store = redis.Redis.from_url(url)
    for key in store.scan_iter(count=1000):
        yield bytes(key) + b"\x00" + bytes(store.dump(key) or b"")
    try:
        store.save()
    except redis.RedisError:
        return


def checkpoint(product: Product) -> None:
    import psycopg

    url = Cluster(product.profile).superuser(product.profile.state()["ports"]["postgres"], "healthcare")
    with psycopg.connect(url, autocommit=True) as own:
        own.execute("CHECKPOINT")


def look(product: Product, api: Api, canaries: Canaries) -> dict[str, set[str]]:
    """Canaries found, by place. The words themselves tell which column or call let them out."""
    checkpoint(product)
    found, size = dict[str, set[str]](), dict[str, int]()
    for place, piece in places(product, api):
        size[place] = size.get(place, 0) + len(piece)
        found.setdefault(place, set()).update(canaries.found_in(piece))
    for place, where in found.items():
        print(f"  {place:13} {size[place] / 1e6:8.1f} MB  {len(where)} found {sorted(where)[:5] if where else ''}")
    return found


def plant(product: Product, api: Api, canaries: Canaries) -> None:
    """One leak in each place."""
    import psycopg
    import redis

    url = Cluster(product.profile).superuser(product.profile.state()["ports"]["postgres"], "healthcare")
    with psycopg.connect(url, autocommit=True) as own:
        own.execute("CREATE TABLE public.leak (said text)")
        own.execute("INSERT INTO public.leak VALUES (%s)", [canaries.word("planted in a table")])
    redis.Redis.from_url(product.env["CACHE_URL"]).set("leak", canaries.word("planted in the cache"))
    with (product.profile.log / "web.log").open("a") as log:
        log.write(canaries.word("planted in a log") + "\n")
    day = canaries.day("planted as a day").isoformat()
    (product.profile.folder / "leak.bin").write_bytes(base64.b64encode(f"x{canaries.word('planted in a file')} {day}".encode()))
    api.bodies.append(canaries.word("planted in an error").encode())


def settled() -> None:
    """Jobs of a booking are done within seconds."""
    time.sleep(20)


def main() -> int:
    canaries = Canaries()
    with running_product(PROFILE, env={"LIMITS_TIMES": "1000", "RATE_LIMIT_MAX": "1000000"}) as product:
        os.environ |= {**product.env, "DJANGO_SETTINGS_MODULE": "healthcare.settings"}
        import django

        django.setup()
        filled = fill_columns(canaries)
        api = Api(product.base_url)
        play(api, canaries, product.env.get("DEMO_PASSWORD", "demo-clinic-2026"))
        fail_in_the_database(canaries)
        settled()
        every = sealed_columns()
        bare = sorted(every - canaries.written)
        print(f"{len(canaries.words)} words, {filled} in rows")
        print(f"{len(every) - len(bare)} of {len(every)} sealed columns have a canary")
        for label in bare:
            print(f"  no canary: {label}")
        print("looked for in:")
        found = look(product, api, canaries)
        leaked = {where for some in found.values() for where in some}
        plant(product, api, canaries)
        print("with one planted in each place:")
        planted = look(product, api, canaries)
    missed = [
        place for place in ("postgresql", "pg_dump", "valkey", "logs", "files", "error bodies", "WAL") if not planted.get(place)
    ]
    print(f"{len(leaked)} plain canaries found; planted ones missed in: {missed or 'no place'}")
    return 0 if not leaked and not missed and not bare else 1


if __name__ == "__main__":
    sys.exit(main())
