#!/usr/bin/env python3
"""What if a provider takes every message and never answers? Exits 1 unless nobody else notices.

    python drills/hung_provider.py [--bookings 120] [--hang 60]

Starts a product of its own (profile `hung-provider`) whose SMS provider answers nothing for so many seconds. Half the patients
want SMS first, then mail; half want mail. Right is: all mails of the second half go out while it hangs; the breaker opens after
five failures and the first half gets its mail as the next way once SMS has failed for good; nobody gets two messages;
bookings cost what they cost before (p99 within a factor of two, measured turn about on one machine).
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.figures import quantile  # noqa: E402
from drills.job_storm import Postbox  # noqa: E402
from drills.storm.dying import set_up  # noqa: E402

PROFILE = "hung-provider"
REST = 15.0  # seconds of the breaker


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bookings", type=int, default=120)
    parser.add_argument("--hang", type=float, default=60.0)
    parser.add_argument(
        "--joined", action="store_true", help="use the services the environment names; its worker must be stopped"
    )
    given = parser.parse_args()
    if given.joined:
        return Drill(given).run()
    from healthcare.embedded.product import running_product

    with running_product(PROFILE, {"LIMITS_TIMES": "1000"}) as product:
        product.kill("worker")
        return subprocess.run([sys.executable, __file__, "--joined", *sys.argv[1:]], env=product.env, check=False).returncode


class Drill:
    def __init__(self, given: argparse.Namespace) -> None:
        self.given = given
        self.wrong: list[str] = []

    def run(self) -> int:
        from aiosmtpd.controller import Controller

        from healthcare.embedded.ports import free_port
        from healthcare.tests.providers import provider

        self.postbox = Postbox()
        mail = Controller(self.postbox, hostname="127.0.0.1", port=free_port())
        mail.start()
        with provider() as self.texts:
            os.environ["EMAIL_URL"] = f"smtp://127.0.0.1:{mail.port}"
            os.environ |= {"SMS_URL": self.texts.sms_url, "SMS_FROM": "+15550001111", "WHATSAPP_URL": self.texts.whatsapp_url}
            set_up()
            worker = subprocess.Popen([sys.executable, str(ROOT / "manage.py"), "worker"], stdout=subprocess.DEVNULL)
            try:
                self._play()
            finally:
                worker.terminate()
                worker.wait(30)
                mail.stop()
        print("nobody else noticed" if not self.wrong else "WRONG:\n  " + "\n  ".join(self.wrong))
        return 1 if self.wrong else 0

    def _play(self) -> None:
        from clinics.models import Location
        from healthcare.core.tenancy import find_clinic, in_clinic, on_platform
        from healthcare.tests import make

        clinic, number = find_clinic("north"), self.given.bookings
        with on_platform():
            Location.objects.filter(clinic_id=clinic.id).update(hours=[])
        with in_clinic(clinic):
            self.doctors = [make.practitioner(name=f"Dr Hang {n}") for n in range(2)]
            self.slot = 0
            before = [self._book(["email"])[1] for _ in range(number)]
            self._until(lambda: not self._queued("email"))
            self.texts.mood["sms"] = "hang"
            hung_at = time.monotonic()
            told = [self._book(["sms", "email"] if n % 2 else ["email"]) for n in range(number)]
            after = [seconds for _, seconds in told]
            wanting_mail = [i for n, (i, _) in enumerate(told) if not n % 2]
            self._until(lambda: self._sent(wanting_mail, "email") == len(wanting_mail), self.given.hang)
            took = time.monotonic() - hung_at
            self._want("mails of those who want mail, while SMS hangs", self._sent(wanting_mail, "email"), len(wanting_mail))
            print(f"  … after {took:.1f} s; SMS calls so far {len(self.texts.calls)}", flush=True)
            time.sleep(max(0.0, self.given.hang - took))
            calls_hung = len(self.texts.calls)
            self.texts.mood["sms"] = "fine"
            print(f"  SMS is back after {time.monotonic() - hung_at:.0f} s, called {calls_hung} times meanwhile", flush=True)
            everybody = [i for i, _ in told]
            self._until(lambda: self._ended(everybody) == len(everybody), 240)
            self._judge(everybody, before, after, calls_hung)

    def _book(self, channels: list[str]) -> tuple[Any, float]:
        from django.utils import timezone

        from appointments.services.booking import book
        from healthcare.tests import make
        from notifications.models import Preference

        n = self.slot = self.slot + 1
        patient = make.patient(email=f"h{time.time_ns()}@people.example", phone=f"+91981{time.time_ns() % 10**7:07}")
        Preference(patient=patient, channels=channels, quiet_from=dt.time(0), quiet_until=dt.time(0)).save()
        start = timezone.now().replace(minute=0, second=0, microsecond=0) + dt.timedelta(hours=2, minutes=10 * (n // 2))
        begun = time.perf_counter()
        row = book(
            kind="consultation", patient=patient, practitioner=self.doctors[n % 2], starts_at=start, by=None, now=timezone.now()
        )
        return row.id, time.perf_counter() - begun

    def _told(self, appointments: list[Any]) -> Any:
        from notifications.models import Notification

        rows = Notification.objects.about_appointments(appointments)
        return rows.filter(message="appointment_booked")

    def _sent(self, appointments: list[Any], channel: str) -> int:
        from notifications.models import Delivery

        return Delivery.objects.filter(notification__in=self._told(appointments), channel=channel, state="sent").count()

    def _ended(self, appointments: list[Any]) -> int:
        return self._told(appointments).filter(state="sent").count()

    def _queued(self, channel: str) -> bool:
        from notifications.models import Notification

        return Notification.objects.filter(state="queued", message="appointment_booked").exists()

    def _until(self, done: Any, patience: float = 120.0) -> None:
        ends = time.monotonic() + patience
        while not done() and time.monotonic() < ends:
            time.sleep(0.5)

    def _judge(self, everybody: list[Any], before: list[float], after: list[float], calls: int) -> None:
        from healthcare.core.job_queues import BY_NAME
        from notifications.models import Delivery

        sent = Counter(
            Delivery.objects.filter(notification__in=self._told(everybody), state="sent").values_list(
                "notification_id", flat=True
            )
        )
        self._want("entries sent on exactly one channel", sum(c == 1 for c in sent.values()), len(everybody))
        mails = Counter(self.postbox.ids)
        self._want("mails repeated", sum(mails.values()) - len(mails), 0)
        texts = Counter(told.key for told in self.texts.delivered)
        self._want("texts repeated", sum(texts.values()) - len(texts), 0)
        ways = Counter(Delivery.objects.filter(notification__in=sent, state="sent").values_list("channel", flat=True))
        print(f"  ways: {dict(ways)}")
        # five failures open the breaker; calls under way then (one a thread of the queue) still end; then one try a rest
        most = 5 + BY_NAME["notification"].concurrency - 1 + self.given.hang / REST
        print(f"  calls to SMS while it hung: {calls} (with the breaker at most {most:.0f}; without, every try of everybody)")
        if calls > most:
            self.wrong.append(f"SMS was called {calls} times while it hung")
        p99 = quantile(before, 0.99) * 1000, quantile(after, 0.99) * 1000
        p50 = quantile(before, 0.5) * 1000, quantile(after, 0.5) * 1000
        print(f"  a booking before: p50 {p50[0]:.1f} p99 {p99[0]:.1f} ms; while it hangs: p50 {p50[1]:.1f} p99 {p99[1]:.1f} ms")
        if p99[1] > 2 * p99[0] and p50[1] > 1.5 * p50[0]:
            self.wrong.append("bookings were slowed down")

    def _want(self, what: str, seen: int, right: int) -> None:
        print(f"  {what:<48} {seen:>5} of {right}", flush=True)
        if seen != right:
            self.wrong.append(f"{what}: {seen}, not {right}")


if __name__ == "__main__":
    sys.exit(main())
