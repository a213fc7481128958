#!/usr/bin/env python3
"""What does one web process do for `clinics.py`? Opens clinics, fills them, serves lists; told line by line, answers in JSON.

Requests go through the product's WSGI application as a server would hand them on, without a network between: connections come
from the pool and go back to it. Processor time is this process's and its PostgreSQL backends'.
"""

from __future__ import annotations

import datetime as dt
import io
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "healthcare.settings")

from healthcare.wsgi import application

# isort: split
from django.db import connection, transaction

from accounts.models import User
from accounts.roles import Role
from accounts.services import people
from accounts.services.sessions import Device, open_session
from appointments.models import Appointment
from benchmarks.figures import TICK
from clinics.models import Clinic
from clinics.services.opening import open_clinic, order_clinic
from healthcare.core.tenancy import in_clinic, on_platform
from healthcare.tests import make

PAGE = 20
PEOPLE = 200  # sessions in turn, in each scenario as many: what is measured is the clinics' number, not the people's


class Client:
    def __init__(self) -> None:
        self.clinics = list(Clinic.objects.serving().order_by("id"))
        self.sessions: dict[str, list[str]] = {}
        self.asked = {False: 0, True: 0}
        self.turn = 0  # of the clinics, in mixed traffic

    def open(self, number: int) -> dict[str, Any]:
        """Open clinics until there are so many; seconds of each."""
        seconds = []
        while len(self.clinics) < number:
            slug, begun = f"clinic-{len(self.clinics) + 1}", time.perf_counter()
            self.clinics.append(open_clinic(order_clinic(slug=slug, name=slug.title())))
            seconds.append(time.perf_counter() - begun)
        return {"seconds": seconds}

    def fill(self) -> dict[str, Any]:
        """Twenty patients with an appointment each in every clinic, and people who may read them."""
        for number, clinic in enumerate(self.clinics):
            with in_clinic(clinic):
                doctor = make.practitioner()
                patients = [make.patient(first_name=f"Mira {n}") for n in range(PAGE)]
                Appointment.objects.bulk_create(self._appointments(doctor, patients))
            self._sign_in(clinic, PEOPLE if number == 0 else 1)
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        return {}

    def _appointments(self, doctor: Any, patients: list[Any]) -> list[Appointment]:
        day, length = dt.datetime(2030, 6, 3, 8, tzinfo=dt.UTC), dt.timedelta(minutes=20)
        return [
            Appointment(
                kind="consultation",
                patient=patient,
                practitioner=doctor,
                location_id=doctor.location_id,
                starts_at=day + n * length,
                ends_at=day + (n + 1) * length,
            )
            for n, patient in enumerate(patients)
        ]

    def _sign_in(self, clinic: Clinic, number: int) -> None:
        with on_platform():
            tokens = []
            for n in range(number):
                email = f"desk-{n}@{clinic.slug}.example"
                user: User = people.register(email=email, password=None, first_name="Noor", last_name="Quill")
                people.grant(user=user, role=Role.RECEPTIONIST, clinic=clinic)
                with transaction.atomic():
                    tokens.append(open_session(user=user, device=Device("benchmark", "127.0.0.1")).access)
        self.sessions[clinic.slug] = tokens

    def measure(self, spread: bool, requests: int) -> dict[str, Any]:
        """Lists of one clinic, or of all in turn; seconds altogether."""
        if spread:
            turns = [(clinic.slug, self.sessions[clinic.slug][0]) for clinic in self.clinics]
        else:
            slug = self.clinics[0].slug
            turns = [(slug, token) for token in self.sessions[slug]]
        own, backends, begun = time.process_time(), self._backends(), time.perf_counter()
        for _ in range(requests):
            self.asked[spread] += 1
            self._list(*turns[self.asked[spread] % len(turns)])
        wall, spent = time.perf_counter() - begun, time.process_time() - own
        used = sum(now - backends.get(pid, 0.0) for pid, now in self._backends().items())  # the pool may have renewed some
        return {"wall": wall, "web": spent, "postgres": used}

    def memory(self) -> dict[str, Any]:
        """Of this process's backends: how many, and the private memory of the largest, in MB."""
        sizes = [_private(pid) for pid in self._pids()]
        return {"backends": len(sizes), "largest_mb": round(max(sizes, default=0) / 1024, 1)}

    def mixed(self, requests: int) -> dict[str, Any]:
        """What a desk does, in one clinic after the other: lists, a look at one, free times, a search, a booking, its end."""
        made = 0
        while made < requests:
            self.turn = (self.turn + 1) % len(self.clinics)
            slug = self.clinics[self.turn].slug
            token = self.sessions[slug][0]

            def ask(method: str, path: str, body: Any = None, slug: str = slug, token: str = token) -> Any:
                return json.loads(self._ask(method, path, slug, token, body)[1])

            listed = ask("GET", f"/appointments?page_size={PAGE}")["results"]
            one = ask("GET", f"/appointments/{listed[made % len(listed)]['id']}")
            doctor = one["doctor"]["id"]
            free = ask("GET", f"/appointments/doctor/{doctor}/availability?kind=consultation&days=2")["slots"]
            found = ask("POST", "/patients/search", {"name": f"Mira {made % PAGE}"})["results"]
            body = {"kind": "consultation", "doctor": doctor, "starts_at": free[made % len(free)]["starts_at"]}
            booked = ask("POST", "/appointments", {**body, "patient": found[0]["id"]})
            ask("POST", f"/appointments/{booked['id']}/cancel", {"reason": "mixed"})
            made += 6
        return {"made": made}

    def _list(self, slug: str, token: str) -> None:
        status, body = self._ask("GET", f"/appointments?page_size={PAGE}", slug, token)
        if status != 200 or body.count(b'"ends_at"') != PAGE:
            raise SystemExit(f"the list answered {status}: {body[:300]!r}")

    def _ask(self, method: str, address: str, slug: str, token: str, said: Any = None) -> tuple[int, bytes]:
        status: list[str] = []
        path, _, query = address.partition("?")
        sent = b"" if said is None else json.dumps(said).encode()
        environ = {
            "REQUEST_METHOD": method,
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "CONTENT_TYPE": "application/json",
            "CONTENT_LENGTH": str(len(sent)),
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "127.0.0.1",
            "HTTP_HOST": "127.0.0.1",
            "HTTP_X_CLINIC_ID": slug,
            "HTTP_AUTHORIZATION": f"Bearer {token}",
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(sent),
            "wsgi.errors": sys.stderr,
        }
        answer = application(environ, lambda line, headers: status.append(line))
        body = b"".join(answer)
        answer.close()  # type: ignore[attr-defined]  (gives the connection back)
        if status[0][0] != "2":
            raise SystemExit(f"{method} {path} answered {status[0]}: {body[:300]!r}")
        return int(status[0][:3]), body

    def _pids(self) -> list[int]:
        """Backends of this process, by the pool they are in."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT pid FROM pg_stat_activity WHERE usename = current_user AND backend_type = 'client backend'")
            pids = [pid for (pid,) in cursor.fetchall()]
        connection.close()
        return pids

    def _backends(self) -> dict[int, float]:
        return {pid: _spent(pid) for pid in self._pids()}


def _spent(pid: int) -> float:
    """Seconds of processor time; finer than the clock tick where the kernel tells."""
    try:
        return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9
    except OSError:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
        return (int(fields[11]) + int(fields[12])) * TICK


def _private(pid: int) -> int:
    """kB that the process alone holds: what shared buffers it touched does not count."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Private_"))


def main() -> None:
    with os.fdopen(os.dup(1), "w") as answers:
        os.dup2(2, 1)  # the product logs to standard output
        client = Client()
        for line in sys.stdin:
            asked = json.loads(line)
            print(json.dumps(getattr(client, asked.pop("do"))(**asked)), file=answers, flush=True)


if __name__ == "__main__":
    main()
