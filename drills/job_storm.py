#!/usr/bin/env python3
"""Is every booking's work done exactly once while workers die and the broker forgets? Exits 1 if not.

    python drills/job_storm.py [--bookings 1000] [--kills 100] [--workers 3] [--seed N]

Starts a product of its own (profile `job-storm`), books while workers kill themselves (SIGKILL) at random moments: before a
job's effect, after it and before its commit, after the commit and before the message is acknowledged. Valkey is emptied twice
and once killed and started again. Right is, at the end: every confirmation sent on exactly one channel by the ledger; the SMS
provider, which honours our key, has each text once; the mail server each mail once, or again with the same Message-ID, at most
one copy a kill; no job dead or left; the work of a killed worker taken up with p99 within five seconds.
"""

from __future__ import annotations

import argparse
import logging
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from drills.storm.dying import Graves, nest, set_up
from drills.storm.verdict import Verdict

PROFILE = "job-storm"
RECOVERY = 5.0  # seconds, p99
PATIENCE = 120.0  # seconds until all is done after the last kill


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bookings", type=int, default=1000)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--workers", type=int, default=3)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    parser.add_argument(
        "--joined", action="store_true", help="use the services the environment names; its worker must be stopped"
    )
    parser.add_argument("--recovery", type=float, default=RECOVERY, help="seconds, p99, until a killed worker's job is done")
    parser.add_argument("--nest", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.nest:
        return nest(given)
    if given.joined:
        return Storm(given).run()
    from healthcare.embedded.product import running_product

    with running_product(PROFILE, {"LIMITS_TIMES": "1000"}) as product:
        product.kill("worker")
        words = [sys.executable, __file__, "--joined", *sys.argv[1:], "--seed", str(given.seed)]
        return subprocess.run(words, env=product.env, check=False).returncode


class Postbox:
    """A mail server that keeps the id of everything it took."""

    def __init__(self) -> None:
        self.ids: list[str] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 (aiosmtpd's name)
        from email import message_from_bytes

        self.ids.append(str(message_from_bytes(envelope.content)["Message-ID"]))
        return "250 queued"


class Storm:
    def __init__(self, given: argparse.Namespace) -> None:
        self.given, self.dice = given, random.Random(given.seed)
        self.folder = tempfile.TemporaryDirectory()
        self.graves = Graves(Path(self.folder.name), given.kills)

    def run(self) -> int:
        from aiosmtpd.controller import Controller

        from healthcare.embedded.ports import free_port
        from healthcare.tests.providers import provider

        self.postbox = Postbox()
        mail = Controller(self.postbox, hostname="127.0.0.1", port=free_port())
        mail.start()
        logging.getLogger("mail.log").setLevel(logging.WARNING)
        with provider() as self.texts:
            os.environ["EMAIL_URL"] = f"smtp://127.0.0.1:{mail.port}"
            os.environ |= {"SMS_URL": self.texts.sms_url, "SMS_FROM": "+15550001111", "WHATSAPP_URL": self.texts.whatsapp_url}
            set_up()
            words = [f"--nest={self.folder.name}", f"--kills={self.given.kills}", f"--bookings={self.given.bookings}"]
            words.append(f"--workers={self.given.workers}")
            said = Path(self.folder.name).with_suffix(".log").open("w")
            nest = subprocess.Popen([sys.executable, __file__, *words], stdout=said, stderr=said)
            try:
                self._storm()
                return Verdict(self).given()
            finally:
                nest.terminate()
                nest.wait(20)
                said.close()
                Path(said.name).unlink()
                mail.stop()

    def _storm(self) -> None:
        from clinics.models import Location
        from healthcare.core.tenancy import find_clinic, in_clinic, on_platform

        clinic, number = find_clinic("north"), self.given.bookings
        with on_platform():
            Location.objects.filter(clinic_id=clinic.id).update(hours=[])  # round the clock
        print(f"{number} bookings, {self.given.kills} kills, {self.given.workers} workers, seed {self.given.seed}", flush=True)
        with in_clinic(clinic):
            self.booked, started = [], time.monotonic()
            forget = {number // 3: "flush", number * 2 // 3: "flush", number // 2: "restart"}
            for n, (patient, doctor, starts_at) in enumerate(self._plan(number)):
                if what := forget.get(n):
                    self._forget(what)
                self.booked.append(self._book(patient, doctor, starts_at))
        print(f"  booked in {time.monotonic() - started:.1f} s; {len(self.graves.read())} kills so far", flush=True)
        self._wait()

    def _plan(self, number: int) -> Any:
        """Patients with a mail address or a number, doctors with a time of their own for each."""
        import datetime as dt

        from django.utils import timezone

        from healthcare.tests import make

        mark, start = int(time.time()), timezone.now().replace(minute=0, second=0, microsecond=0) + dt.timedelta(hours=2)
        doctors = [make.practitioner(name=f"Dr Storm {n}") for n in range(4)]
        for n in range(number):
            contact = {"email": f"p{mark}-{n}@people.example"} if n % 2 else {"phone": f"+9198{mark % 10000:04}{n:04}"}
            yield make.patient(**contact), doctors[n % 4], start + dt.timedelta(minutes=10 * (n // 4))

    def _book(self, patient: Any, doctor: Any, starts_at: Any) -> Any:
        import datetime as dt

        from django.utils import timezone

        from appointments.services.booking import book
        from notifications.models import Preference

        awake = {"quiet_from": dt.time(0), "quiet_until": dt.time(0)}  # the drill runs at any time of the day
        Preference(patient=patient, **awake).save()
        row = book(kind="consultation", patient=patient, practitioner=doctor, starts_at=starts_at, by=None, now=timezone.now())
        return row.id

    def _forget(self, what: str) -> None:
        from healthcare.core.throttles import store

        print(f"  Valkey: {what}", flush=True)
        if what == "flush":
            store().flushall()
            return
        from healthcare.embedded.layout import Profile
        from healthcare.embedded.valkey import Store

        valkey = Store(Profile.named(os.environ["HEALTHCARE_PROFILE"]), "redis")
        valkey.kill()
        valkey.start()

    def _wait(self) -> None:
        from django.utils import timezone

        from healthcare.core.models import Job
        from healthcare.core.tenancy import on_platform

        deaths, ends = -1, 0.0
        while (dead := len(self.graves.read())) > deaths or time.monotonic() < ends:
            if dead > deaths:
                deaths, ends = dead, time.monotonic() + PATIENCE
            with on_platform():
                left = Job.objects.filter(state__in=["ready", "running"], due_at__lte=timezone.now()).exclude(
                    name__startswith="core."
                )
                if not left.exists():
                    break
            time.sleep(0.5)
        deaths = self.graves.read()
        print(
            f"  all done {time.time() - deaths[-1][0] if deaths else 0:.1f} s after the last of {len(deaths)} kills", flush=True
        )


if __name__ == "__main__":
    sys.exit(main())
