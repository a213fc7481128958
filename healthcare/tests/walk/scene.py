"""Where does the walk through the job queues play? At north: a doctor who is always there, patients who can be reached."""

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.core import mail
from django.utils import timezone

from appointments.models import Appointment, Practitioner, Resource
from appointments.plugins.registry import kind_named
from appointments.services.availability import free_times_of
from appointments.services.booking import book
from healthcare.tests import make
from notifications.models import Preference

AWAKE = {"quiet_from": dt.time(0), "quiet_until": dt.time(0)}  # no quiet hours: the test runs at any time of the day
BORN = dt.date(1985, 1, 1)
Effect = Callable[[], Any]  # what the queue's own verb has changed; nothing until its job was done


class Scene:
    def __init__(self, texts: Any, payments: Any, shelf: Any) -> None:
        self.texts, self.payments, self.shelf = texts, payments, shelf
        self.doctor = make.practitioner()
        self.taken = 0

    def patient(self, name: str, **known: Any) -> Any:
        row = make.patient(first_name=name, **(known or {"email": f"{name.lower()}@people.example", "date_of_birth": BORN}))
        Preference(patient=row, **AWAKE).save()
        return row

    def booked(self, patient: Any, doctor: Any = None, days: int = 3) -> Appointment:
        self.taken += 1
        day = timezone.now().replace(minute=0, second=0, microsecond=0) + dt.timedelta(days=days, minutes=10 * self.taken)
        who = {"patient": patient, "practitioner": doctor or self.doctor}
        return book(kind="consultation", starts_at=day, by=None, now=timezone.now(), **who)

    def visit(self, kind: str, profession: str = "doctor") -> Appointment:
        """Of a kind that has a department of its own, with all it occupies: the first time that is offered in five days."""
        made = make.practitioner(name=f"Dr {kind}", kinds=[kind], profession=profession)
        for type_ in ("room", "device"):
            Resource(type=type_, name=f"{type_} for {kind}", location_id=made.location_id, kinds=[kind]).save()
        return self.first_of(made, kind, self.patient(kind.title()))

    def first_of(self, made: Practitioner, kind: str, patient: Any) -> Appointment:
        doctor, now = Practitioner.objects.with_place().get(pk=made.pk), timezone.now()
        ask = {"kind": kind_named(kind), "day": now.date() + dt.timedelta(days=5), "days": 2, "now": now}
        free = free_times_of(practitioners=[doctor], patient_id=patient.pk, **ask)[doctor.pk]
        return book(kind=kind, patient=patient, practitioner=doctor, starts_at=free[0].starts_at, by=None, now=now)

    def past(self, state: str) -> Appointment:
        """An appointment that was to be three hours ago."""
        start = timezone.now() - dt.timedelta(hours=3)
        times = {"starts_at": start, "ends_at": start + dt.timedelta(minutes=10), "location_id": self.doctor.location_id}
        row = Appointment(
            kind="consultation", patient=self.patient(f"Past{state}"), practitioner=self.doctor, state=state, **times
        )
        row.save()
        return row

    def mail_to(self, name: str, about: str) -> Any:
        return [m for m in mail.outbox if m.to == [f"{name.lower()}@people.example"] and about in m.subject]
