"""Was everything done exactly once? By the ledger, the providers, the job rows and the deaths."""

from __future__ import annotations

from collections import Counter
from typing import Any


class Verdict:
    """Of a storm that is over."""

    def __init__(self, storm: Any) -> None:
        self.storm, self.wrong = storm, list[str]()

    def given(self) -> int:
        """0 where all is right; says what is not."""
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

        booked = {str(i) for i in self.storm.booked}
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
        taken = Counter(told.key for told in self.storm.texts.delivered if told.key in self.keys)
        calls = sum(told.key in self.keys for told in self.storm.texts.calls)
        self._want("texts at the provider, each once", sum(count == 1 for count in taken.values()), len(self.keys))
        print(f"  the provider was called {calls} times for them: our key made {calls - len(self.keys)} repetitions harmless")
        mails = Counter(i for i in self.storm.postbox.ids if i in self.mails)
        again = sum(mails.values()) - len(mails)
        self._want("mails at the mail server", len(mails), len(self.mails))
        print(f"  mails repeated with the same Message-ID: {again}")
        if again > len(self.storm.graves.read()):
            self.wrong.append(f"{again} mails were repeated by {len(self.storm.graves.read())} kills")

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

        deaths = self.storm.graves.read()
        self._want("kills", len(deaths), self.storm.given.kills)
        if not deaths or not self.storm.given.kills:
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
        if p99 > self.storm.given.recovery:
            self.wrong.append(f"recovery p99 {p99:.2f} s is above {self.storm.given.recovery} s")

    def _want(self, what: str, seen: int, right: int) -> None:
        print(f"  {what:<36} {seen:>6} of {right}", flush=True)
        if seen != right:
            self.wrong.append(f"{what}: {seen}, not {right}")
