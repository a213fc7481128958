"""What is done meanwhile, and what goes wrong? Over HTTP: sign-up, charts, bookings, searches, files; errors of each kind."""

import base64
import json
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

from drills.leaks.words import Canaries

PASSWORD = "correct-horse-battery-9"


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


def fill_by_api(api: Api, canaries: Canaries, registered: Any, desk: str) -> None:
    """Columns of rows that live for minutes, or that the product makes: filled once its row was read back and says it."""
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
