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
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

PROFILE = "job-storm"
JOBS_A_BOOKING = 4  # availability, choice of channel, sending, …
POINTS = ("before effect", "after effect", "before ack")
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


# -- workers that die --------------------------------------------------------------------------------------------------


class Graves:
    """One folder a death, so that no more die than were asked for, whoever dies first: when, where, which job."""

    def __init__(self, folder: Path, most: int) -> None:
        self.folder, self.most = folder, most

    def dig(self, point: str, job_id: Any) -> bool:
        for number in range(len(list(self.folder.iterdir())), self.most):
            try:
                (self.folder / f"{number:04}").mkdir()
            except FileExistsError:
                continue
            (self.folder / f"{number:04}" / "stone").write_text(f"{time.time()}|{point}|{job_id}")
            return True
        return False

    def read(self) -> list[tuple[float, str, str]]:
        stones = [stone.read_text().split("|") for stone in sorted(self.folder.glob("*/stone"))]
        return [(float(at), point, job_id) for at, point, job_id in stones]


def nest(given: argparse.Namespace) -> int:
    """Keeps so many workers alive: forked, so that a new one is there at once."""
    set_up()  # once for all of them; no connection is open yet when they fork
    from celery.apps.worker import Worker  # noqa: F401
    from django.core.checks import run_checks

    run_checks()  # over a second of a core, which each of them would spend again
    os.environ["CELERY_SKIP_CHECKS"] = "1"

    from healthcare.core.management.commands.worker import arguments

    graves, living = Graves(given.nest, given.kills), set()
    eager = 2 if given.bookings >= 500 else 6  # so that also a short run has all its deaths
    odds = given.kills * eager / (given.bookings * JOBS_A_BOOKING * len(POINTS))
    ended = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    while not ended.is_set():
        while len(living) < given.workers:
            child = os.fork()
            if child == 0:
                signal.signal(signal.SIGTERM, signal.SIG_DFL)
                work(graves, odds, arguments(None))
            living.add(child)
        for child in list(living):
            if os.waitpid(child, os.WNOHANG)[0]:
                living.discard(child)
        ended.wait(0.05)
    for child in living:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    return 0


def work(graves: Graves, odds: float, words: list[str]) -> None:
    """A worker that may die at each of the three points of each job."""
    from celery import current_app

    from healthcare.core import jobs

    dice = random.Random()  # a fork inherits the state of its parent's

    def perhaps(point: str, job_id: Any) -> None:
        if dice.random() < odds and graves.dig(point, job_id):
            os.kill(os.getpid(), signal.SIGKILL)

    perform, finish = jobs._perform, jobs._finish

    def performed(row: Any) -> None:
        perhaps(POINTS[0], row.id)
        perform(row)
        perhaps(POINTS[1], row.id)

    def finished(job_id: Any) -> bool:
        done = finish(job_id)
        perhaps(POINTS[2], job_id)
        return done

    jobs._perform, jobs._finish = performed, finished
    words = [word.replace("all@%h", f"storm{os.getpid()}@%h") for word in words]
    os._exit(current_app.worker_main(words) or 0)


def set_up() -> None:
    import django

    import healthcare.celery  # noqa: F401  (names the settings, reads the services' variables)

    django.setup()


# -- the storm ---------------------------------------------------------------------------------------------------------


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
        self.wrong: list[str] = []

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
                return self._judge()
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

    # -- what is right -------------------------------------------------------------------------------------------------

    def _judge(self) -> int:
        from healthcare.core.tenancy import find_clinic, in_clinic

        with in_clinic(find_clinic("north")):
            self._ledger()
        self._providers()
        self._rows()
        self._recovery()
        print("every effect exactly once" if not self.wrong else "WRONG:\n  " + "\n  ".join(self.wrong))
        return 1 if self.wrong else 0

    def _ledger(self) -> None:
        from notifications.models import Delivery, Notification

        booked = {str(i) for i in self.booked}
        told = [n for n in Notification.objects.filter(message="appointment_booked") if n.appointment_id in booked]
        states = Counter(n.state for n in told)
        sent = Counter(Delivery.objects.filter(notification__in=told, state="sent").values_list("notification_id", flat=True))
        self._want("one entry a booking", len(told), len(booked))
        self._want("entries sent", states["sent"], len(booked))
        self._want("entries sent on one channel", sum(count == 1 for count in sent.values()), len(booked))
        short = Delivery.objects.filter(notification__in=told, state="sent", channel__in=["sms", "whatsapp"])
        self.keys = {turn.key for turn in short}
        mails = Delivery.objects.filter(notification__in=told, state="sent", channel="email")
        self.mails = set(mails.values_list("provider_id", flat=True))

    def _providers(self) -> None:
        taken = Counter(told.key for told in self.texts.delivered if told.key in self.keys)
        calls = sum(told.key in self.keys for told in self.texts.calls)
        self._want("texts at the provider, each once", sum(count == 1 for count in taken.values()), len(self.keys))
        print(f"  the provider was called {calls} times for them: our key made {calls - len(self.keys)} repetitions harmless")
        mails = Counter(i for i in self.postbox.ids if i in self.mails)
        again = sum(mails.values()) - len(mails)
        self._want("mails at the mail server", len(mails), len(self.mails))
        print(f"  mails repeated with the same Message-ID: {again}")
        if again > len(self.graves.read()):
            self.wrong.append(f"{again} mails were repeated by {len(self.graves.read())} kills")

    def _rows(self) -> None:
        from healthcare.core.models import Job
        from healthcare.core.tenancy import on_platform

        with on_platform():
            states = Counter(
                Job.objects.exclude(state="ready").exclude(name__startswith="core.").values_list("state", flat=True)
            )
            dead = list(Job.objects.filter(state="dead").values_list("name", "attempts", "lost", "error"))
        print(f"  job rows: {dict(states)}")
        for name, attempts, lost, error in dead:
            print(f"    {name} died after {attempts} tries and {lost} workers: {error}")
        self._want("dead jobs", states["dead"], 0)
        self._want("jobs left running", states["running"], 0)

    def _recovery(self) -> None:
        from benchmarks.figures import quantile
        from healthcare.core.models import Job
        from healthcare.core.tenancy import on_platform

        deaths = self.graves.read()
        self._want("kills", len(deaths), self.given.kills)
        if not deaths or not self.given.kills:
            return
        with on_platform():
            killed = {str(row.id): row for row in Job.objects.filter(id__in=[job_id for *_, job_id in deaths])}
        took = {
            number: max(0.0, killed[job_id].finished_at.timestamp() - at)
            for number, (at, _, job_id) in enumerate(deaths)
            if job_id in killed and killed[job_id].finished_at
        }
        points = Counter(point for _, point, _ in deaths)
        print(f"  kills: {dict(points)}")
        p50, p99 = (quantile(list(took.values()), share) for share in (0.5, 0.99))
        print(f"  a killed worker's job was done after p50 {p50:.2f} s, p99 {p99:.2f} s, at most {max(took.values()):.2f} s")
        for number in sorted(took, key=lambda one: -took[one])[:3]:
            at, point, job_id = deaths[number]
            row = killed[job_id]
            steps = [f"{when.timestamp() - at:.1f}" for when in (row.sent_at, row.started_at, row.finished_at) if when]
            lost = f"{row.lost} workers lost at it, {row.attempts} tries of its own {row.error}"
            print(f"    {row.name}, death {number} ({point}): last announced, begun, done after {', '.join(steps)} s; {lost}")
        if p99 > self.given.recovery:
            self.wrong.append(f"recovery p99 {p99:.2f} s is above {self.given.recovery} s")

    def _want(self, what: str, seen: int, right: int) -> None:
        print(f"  {what:<36} {seen:>6} of {right}", flush=True)
        if seen != right:
            self.wrong.append(f"{what}: {seen}, not {right}")


if __name__ == "__main__":
    sys.exit(main())
