"""How does the demo come to be, and stay of today? Step by step; each finds what is there and adds what is missing."""

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection

from accounts.roles import Role
from appointments.models import Appointment, Practitioner
from appointments.payments.events import PaymentReceived, PaymentRefunded
from appointments.queue.events import TokenStepped
from appointments.services import publishing
from clinics.models import Clinic
from healthcare.core.events import unheard
from healthcare.core.tenancy import in_clinic
from healthcare.demo import charts, diary, houses, money, past_lines, people, rooms, waiting_room
from healthcare.demo.clinics import DEMO_CLINICS, DemoClinic
from healthcare.demo.plan import day_id, offered, plan_day

LOCK = 7_240_116  # any number; one seed at a time
SOME = 40  # a day of which any of the first so many appointments is there was entered


@dataclass(frozen=True)
class Size:
    patients: int = 300
    days: int = 7  # back and ahead

    def around(self, today: dt.date) -> list[dt.date]:
        return [today + dt.timedelta(days=number) for number in range(-self.days, self.days + 1)]


Say = Callable[[str, int], None]  # what was looked after, how much of it was new


def seed(size: Size, now: dt.datetime, say: Say) -> int:
    """Bring all demo clinics up to `now`; answers how many things were new."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
    try:
        hashed = cache(people.password)
        return sum(Seed(demo, size, now, hashed, say).run() for demo in DEMO_CLINICS)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])


@dataclass
class Seed:
    demo: DemoClinic
    size: Size
    now: dt.datetime
    hashed: Callable[[], str]
    say: Say

    def run(self) -> int:
        total = 0
        for what, made in self._steps():
            self.say(f"{self.demo.slug}: {what}", made)
            total += made
        return total

    def _steps(self) -> Iterator[tuple[str, int]]:
        clinic, made = houses.open_house(self.demo)
        yield "clinic and locations", made
        staff, made = people.employ(self.demo, clinic, self.hashed)
        yield "people of every role", made
        yield "practitioners", houses.hire(self.demo, clinic, staff)
        yield "patients", people.enrol(self.demo, clinic, staff, self.size.patients)
        with in_clinic(clinic):
            yield from self._work(clinic, staff)

    def _work(self, clinic: Clinic, staff: diary.People) -> Iterator[tuple[str, int]]:
        yield "rooms and what is offered", rooms.furnish(self.demo, clinic)
        by_name = houses.practitioners_of(self.demo)
        doctors = [by_name[card.name] for card in self.demo.all_cards if card.name in by_name]
        patients = people.patients_of(self.demo, clinic, self.size.patients)
        yield "entries of charts", charts.write(self.demo, patients, staff[Role.NURSE].id)
        booked = self._days(clinic, staff, doctors, patients)
        yield "appointments", booked
        with unheard(TokenStepped):
            queues = waiting_room.fill(self.demo, clinic, doctors, patients, staff, self.now)
        yield "queues in progress", queues
        over = diary.settle(self.demo, staff, self.now)
        yield "visits that are over", over
        yield "lines of days gone by", past_lines.remember(self.demo, doctors, staff[Role.RECEPTIONIST].id, self.now)
        with unheard(PaymentReceived, PaymentRefunded):
            paid = money.collect(self.demo, staff, self.now)
        yield "payments at the desk", paid
        if booked or queues or over:
            publishing.refresh(practitioners=doctors, now=self.now)

    def _days(self, clinic: Clinic, staff: diary.People, doctors: list[Practitioner], patients: list[UUID]) -> int:
        """Each day once: what people did to a day's appointments afterwards is theirs."""
        days = self.size.around(self.now.astimezone(ZoneInfo(self.demo.zone)).date())
        ids = {day_id(self.demo, day, number): day for day in days for number in range(SOME)}
        there = {ids[row_id] for row_id in Appointment.objects.filter(pk__in=ids).values_list("id", flat=True)}
        missing = [day for day in days if day not in there]
        offers = offered(doctors, missing) if missing and doctors else {}
        plans = [plan_day(self.demo, day, offers.get(day, []), patients, self.now) for day in missing]
        return sum(diary.enter(plan, clinic, staff) for plan in plans)
