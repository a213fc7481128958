"""What is in a throw-away clinic? Enough that every operation has something of one's own, of another's, and a deleted one."""

import datetime as dt
from typing import TYPE_CHECKING, Any

from django.utils import timezone
from psycopg.types.range import TimestamptzRange

from accounts.membership import Member
from accounts.models import Display, Membership
from accounts.roles import Role, reach
from accounts.services import displays, inviting
from appointments.checkin.services import kiosks
from appointments.models import Appointment, Practitioner, WeeklyTemplate
from appointments.plugins.registry import kind_named
from appointments.queue.models import Queue, Token
from appointments.queue.services import tokens
from appointments.queue.services.opening import open_queue
from appointments.services.availability import free_times
from appointments.services.booking import book
from clinics.models import Location
from healthcare.core.tenancy import in_clinic, on_platform
from healthcare.probe.beside import Beside
from healthcare.probe.canaries import Canaries, Canary
from healthcare.probe.filling_charts import ChartFilling
from healthcare.probe.filling_schedules import fill_schedules
from notifications.models import Notification
from notifications.webhooks.models import Webhook
from patients.glass.models import Opening
from patients.models import Patient
from patients.services.charts import change_patient, enter_patient

if TYPE_CHECKING:
    from healthcare.probe.world import House

KIND = "consultation"
# whose account the card is; all but the third's see the patient who has a login
CARDS = {
    "one": Role.DOCTOR,
    "two": Role.THERAPIST,
    "three": None,
    "four": Role.PHARMACIST,
    "five": Role.LAB_TECHNICIAN,
    "six": Role.RADIOLOGIST,
}


def fill(house: "House", canaries: Canaries) -> None:
    with in_clinic(house.clinic):
        _Filling(house, canaries).run()


class _Filling:
    def __init__(self, house: "House", canaries: Canaries) -> None:
        self.house, self.canaries, self.now = house, canaries, timezone.now()
        desk = house.people[Role.RECEPTIONIST]
        self.desk = Member(desk.id, house.clinic.id, frozenset({Role.RECEPTIONIST}))

    def run(self) -> None:
        self._places()
        self._cards()
        self._charts()
        ChartFilling(self.house, self.canaries, self.charts, self.desk).run()
        self._appointments()
        Beside(self.house, self._word, self._note, self.now).run(self.booked, self.charts, self.cards, self.desk)
        self._queues()
        fill_schedules(self)
        self._screens()
        self._messages()
        self._people()
        self._openings()
        self._webhooks()
        self.house.ids["user"] = {"own": str(self.house.people[Role.DOCTOR].id), "sibling": str(self.desk.user_id)}
        everybody = {f"own:{role}": str(person.id) for role, person in self.house.people.items()}
        of_desk = {f"sibling:{Role.RECEPTIONIST}": everybody[f"own:{Role.DOCTOR}"]}
        self.house.ids["self"] = {**everybody, **of_desk, "sibling": str(self.desk.user_id)}
        self.house.ids["clinic"] = {"own": str(self.house.clinic.id)}
        self.house.ids["row"] = self.house.ids["moment"] = self.house.ids["appointment"]

    def _openings(self) -> None:
        """Each who treats opened one, reviewed long ago; the other's is the nurse's."""
        ended = self.now - dt.timedelta(days=9)
        for role in Role:
            if reach("glass.open", frozenset({role})) is None:
                continue
            during = TimestamptzRange(ended, ended + dt.timedelta(minutes=30))
            row = Opening(
                user_id=self.house.people[role].id, patient=self.charts["sibling"], reason=self._word("reason", "sibling"),
                during=during,
            )  # fmt: skip
            row.save(force_insert=True)
            self._note("opening", **{f"own:{role}": row, ("sibling" if role == Role.NURSE else "own"): row})
        of_others = self.house.ids["opening"]
        of_others[f"sibling:{Role.NURSE}"] = of_others[f"own:{Role.DOCTOR}"]

    def _people(self) -> None:
        """What the doctor and the desk hold; an open invitation, one that was taken back."""
        with on_platform():
            for which, role in {"own": Role.DOCTOR, "sibling": Role.RECEPTIONIST}.items():
                grant = Membership.objects.get(user=self.house.people[role].user, role=role)
                self.house.ids.setdefault("grant", {})[which] = str(grant.pk)
            for which in ("own", "sibling"):
                email = f"{self._word('people', which).lower()}@probe.invalid"
                row = inviting.invite(role=Role.NURSE, clinic=self.house.clinic, by=None, now=self.now, email=email)
                self.house.ids.setdefault("invitation", {})[which] = str(row.pk)

    def _word(self, family: str, whose: str = "") -> str:
        return self.canaries.word(self.house.name, family, whose)

    def _note(self, kind: str, **rows: Any) -> None:
        """The deleted one goes at once: its id was a real one."""
        for which, row in rows.items():
            self.house.ids.setdefault(kind, {})[which] = str(row.pk)
            whose = which if kind in ("queue", "practitioner") else ""
            self.canaries.add(row.pk, Canary(self.house.name, "card" if kind == "practitioner" else "row", whose))
            if which == "deleted":
                row.delete()

    def _places(self) -> None:
        with on_platform():
            self.location = Location.objects.filter(clinic_id=self.house.clinic.id).order_by("id")[0]
            gone = Location(clinic_id=self.house.clinic.id, name="Gone", zone="UTC")
            gone.save(force_insert=True)
            Location.objects.filter(pk=gone.pk).delete()
        self.house.ids["location"] = {"own": str(self.location.id), "deleted": str(gone.id)}

    def _card(self, which: str) -> Practitioner:
        role = CARDS.get(which)
        user = self.house.people[role].user if role else None
        terms = {"kinds": [KIND], "slot_minutes": 10, "buffer_minutes": 0, "notice_minutes": 0, "horizon_days": 60}
        words = {name: self._word("card", which) for name in ("name", "title", "speciality", "room")}
        row = Practitioner(user=user, location_id=self.location.id, **words, **terms)
        row.save()
        for day in range(7):
            WeeklyTemplate(practitioner=row, weekday=day, opens=dt.time(0), closes=dt.time(0)).save()
        return row

    def _cards(self) -> None:
        self.cards = {which: self._card(which) for which in CARDS}
        self._note("practitioner", own=self.cards["one"], sibling=self.cards["three"], deleted=self._card("gone"))

    def _charts(self) -> None:
        """The patient's own, one of somebody without an account, one that is gone."""
        own = Patient.objects.get(user=self.house.people[Role.PATIENT].id)
        email = f"{self._word('chart', 'own').lower()}@probe.invalid"
        own = change_patient(
            patient=own, by=self.desk, first_name=self._word("chart", "own"), last_name=self._word("chart", "own"), email=email
        )
        other = self._chart("sibling")
        self.charts = {"own": own, "sibling": other}
        for whose, chart in self.charts.items():
            self.canaries.add(chart.mrn, Canary(self.house.name, "chart", whose))
        gone = self._chart("gone")
        self.house.ids["mrn"] = {"own": own.mrn, "sibling": other.mrn, "deleted": gone.mrn, "unknown": "XXXX-XXXX"}
        self._note("patient", own=own, sibling=other, deleted=gone)
        self.house.facts["search"] = {"email": email}

    def _chart(self, whose: str) -> Patient:
        email = f"{self._word('chart', whose).lower()}@probe.invalid"
        return enter_patient(
            by=self.desk, first_name=self._word("chart", whose), last_name=self._word("chart", whose), email=email
        )

    def _appointments(self) -> None:
        """The patient's with each who has an account (the doctor's has arrived); the other's with the third."""
        own, other = self.charts["own"], self.charts["sibling"]
        booked = {card: self._booked(card, own, "own") for card, role in CARDS.items() if role}
        self.booked = {str(CARDS[card]): row for card, row in booked.items()}
        self.doctors_, third = booked["one"], self._booked("three", other, "sibling")
        self.third, self.therapists = third, booked["two"]
        gone = Appointment(
            kind=KIND, patient=other, practitioner=self.cards["three"], location_id=self.location.id,
            starts_at=self.now + dt.timedelta(days=9), ends_at=self.now + dt.timedelta(days=9, minutes=10),
        )  # fmt: skip
        gone.save()
        self._note("appointment", own=self.doctors_, sibling=third, deleted=gone)
        for card, row in booked.items():
            self.house.ids["appointment"][f"own:{CARDS[card]}"] = str(row.id)
        last = self._free("one")[-1]
        self.house.facts |= {"slot": last.starts_at.isoformat(), "slot_end": last.ends_at.isoformat()}

    def _free(self, card: str) -> list[Any]:
        row = Practitioner.objects.with_place().get(pk=self.cards[card].pk)
        return list(free_times(practitioner=row, kind=kind_named(KIND), day=self.now.date(), days=2, now=self.now))

    def _booked(self, card: str, chart: Patient, whose: str) -> Appointment:
        slot = self._free(card)[1 + 4 * list(CARDS).index(card)]
        row = Practitioner.objects.with_place().get(pk=self.cards[card].pk)
        asked = {"starts_at": slot.starts_at, "reason": self._word("reason", whose), "by": self.desk.user_id, "now": self.now}
        return book(kind=KIND, patient=chart, practitioner=row, **asked)

    def _queues(self) -> None:
        made = {which: self._queue(card) for which, card in {"own": "one", "sibling": "three"}.items()}
        gone = Queue(practitioner=self.cards["two"], day=self.now.date() - dt.timedelta(days=3), prefix="Z")
        gone.save()
        first = self._walk_in(made["own"], self.charts["own"])
        second = self._walk_in(made["own"], self.charts["sibling"])
        self._walk_in(made["sibling"], None)
        stray = Token(queue=made["own"], serial=900, number="A-900", place=9, arrived_at=self.now)
        stray.save()
        self._note("token", own=first, sibling=second, deleted=stray)
        self._note("queue", **made, deleted=gone)
        self.house.ids["to_queue"] = {"own": str(made["sibling"].pk), "deleted": self.house.ids["queue"]["deleted"]}
        self.house.ids["line"] = {"own": str(first.pk), "sibling": str(second.pk)}

    def _queue(self, card: str) -> Queue:
        return open_queue(practitioner=self.cards[card], at=self.now, by=self.desk.user_id, now=self.now)

    def _walk_in(self, queue: Queue, chart: Patient | None) -> Token:
        return tokens.walk_in(queue=queue, patient=chart, by=self.desk.user_id, now=self.now)

    def _screens(self) -> None:
        """One paired with the first practitioner's queues, a revoked one, one that waits to be paired."""
        paired, revoked = self._paired(), self._paired()
        displays.revoke(display=revoked.display, by=None, now=self.now)
        waiting = displays.announce(now=self.now)
        with on_platform():  # a full run takes longer than a code lives
            Display.objects.filter(pk=waiting.display.pk).update(expires_at=self.now + dt.timedelta(days=1))
        self.house.screen = (str(paired.display.pk), paired.secret)
        kiosks.allow(display=paired.display, is_allowed=True, by=self.desk.user_id, now=self.now)
        self.house.facts |= {"code": waiting.display.code, "secret:deleted": revoked.secret}
        known = {"own": paired, "deleted": revoked, "waiting": waiting}
        self.house.ids["display"] = {which: str(made.display.pk) for which, made in known.items()}
        for made in known.values():
            self.canaries.add(made.display.pk, Canary(self.house.name, "screen"))

    def _paired(self) -> Any:
        made = displays.announce(now=self.now)
        displays.approve(
            code=made.display.code, name=self._word("screen"), clinic=self.house.clinic, by=self.desk.user_id,
            session_id=self.house.people[Role.RECEPTIONIST].session.id, now=self.now, practitioners=[self.cards["one"].pk],
        )  # fmt: skip
        return made

    def _webhooks(self) -> None:
        made = {}
        for which in ("own", "sibling", "deleted"):
            made[which] = Webhook(
                host="hooks.invalid", url="https://hooks.invalid/", secret=self._word("screen"), is_active=False
            )
            made[which].save()
        self._note("webhook", **made)

    def _messages(self) -> None:
        """One for each person; the patient's through the chart."""
        about = {"message": "appointment_booked", "language": "en", "subject_ids": {"appointment": str(self.doctors_.id)}}
        rows = {}
        for role, person in self.house.people.items():
            to = {"patient": self.charts["own"]} if role == Role.PATIENT else {"user_id": person.id}
            rows[f"own:{role}"] = row = Notification(**to, **about, appointment_version=1)
            row.save(force_insert=True)
        to_other = Notification(patient=self.charts["sibling"], **about, appointment_version=1)
        gone = Notification(patient=self.charts["sibling"], **about, appointment_version=1)
        to_other.save(force_insert=True)
        gone.save(force_insert=True)
        self._note("notification", **rows, own=rows[f"own:{Role.PATIENT}"], sibling=to_other, deleted=gone)
