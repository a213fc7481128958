"""What do the small apps beside the appointments hold in a throw-away clinic? Money, meetings, calendars, wishes, courses."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from accounts.membership import Member
from accounts.roles import Role
from appointments.calendars.models import CalendarTarget
from appointments.calendars.services import feeds, targets
from appointments.checkin.models import Arrival, Pass
from appointments.checkin.services import passes
from appointments.courses.models import Course, CourseTemplate, Sitting
from appointments.models import Appointment, Practitioner
from appointments.payments.models import GatewayAccount, Payment
from appointments.payments.services.bills import set_price
from appointments.payments.services.refunding import refund
from appointments.payments.services.taking import take
from appointments.video.models import VideoRoom
from appointments.waitlist.models import Opening, Wish
from healthcare.core.ids import new_id
from patients.models import Patient

if TYPE_CHECKING:
    from healthcare.probe.world import House


class Beside:
    """`word(family, whose)` makes a canary, `note(kind, own=…, sibling=…, deleted=…)` tells the probe of rows."""

    def __init__(self, house: "House", word: Callable[..., str], note: Callable[..., None], now: dt.datetime) -> None:
        self.house, self.word, self.note, self.now = house, word, note, now

    def run(
        self, booked: dict[str, Appointment], charts: dict[str, Patient], cards: dict[str, Practitioner], desk: Member
    ) -> None:
        """`booked`: the patient's own appointments by the role of whom they are with."""
        self.booked, self.charts, self.cards, self.by = booked, charts, cards, desk.user_id
        self.row = booked[Role.DOCTOR]
        self._money()
        self._meetings()
        self._calendars()
        self._waitlist()
        self._courses()

    def _meetings(self) -> None:
        """A room and an arrival of each of the patient's appointments, and a pass that works."""
        rooms, arrivals = {}, {}
        for role, row in self.booked.items():
            rooms[f"own:{role}"] = room = VideoRoom(appointment=row, name=new_id().hex)
            arrivals[f"own:{role}"] = arrival = Arrival(appointment=row, way="place", at=self.now)
            room.save()
            arrival.save()
        self.note("room", **rooms, own=rooms[f"own:{Role.DOCTOR}"])
        self.note("arrival", **arrivals, own=arrivals[f"own:{Role.DOCTOR}"])
        self.house.facts["pass"] = passes.issue(appointment=self.row, now=self.now).token
        Pass.objects.update(expires_at=self.now + dt.timedelta(days=1))  # a full run takes longer than a pass lives

    def _calendars(self) -> None:
        """A feed for everybody (whose address nobody of the other clinic was given), and calendars of two practitioners."""
        made = {
            f"own:{role}": feeds.open_feed(name=self.word("people"), by=person.id, now=self.now)
            for role, person in self.house.people.items()
        }
        gone = feeds.open_feed(name="gone", by=new_id(), now=self.now)
        other = feeds.open_feed(name=self.word("people"), by=new_id(), now=self.now)
        own = made[f"own:{Role.PATIENT}"]
        rows = {which: one.feed for which, one in made.items()}
        self.note("feed", **rows, own=own.feed, sibling=other.feed, deleted=gone.feed)
        known = {"own": own.token, "deleted": gone.token} if self.house.name == "a" else {}
        self.house.ids["feed_token"] = known
        for card in ("one", "two"):
            known = {"url": f"https://{self.word('secret')}.invalid", "username": "", "password": self.word("secret")}
            target = targets.set_target(practitioner=self.cards[card], by=self.by, now=self.now, **known)
            self.note("target", own=target)
        CalendarTarget.objects.update(is_active=False)  # nobody outside is called

    def _waitlist(self) -> None:
        today = self.now.date() + dt.timedelta(days=1)  # nowhere yesterday, whatever the clinic's zone
        self.house.facts["today"] = today.isoformat()
        known = {"from_on": today, "until_on": today + dt.timedelta(days=9), "kind": "consultation", "joined_at": self.now}
        whose = (("own", "imaging"), ("sibling", "imaging"), ("own", "dental"))
        own, other, gone = (Wish(patient=self.charts[one], **{**known, "kind": kind}) for one, kind in whose)
        for row in (own, other, gone):
            row.save()
        self.note("wish", own=own, sibling=other, deleted=gone)
        ends = {"starts_at": self.now + dt.timedelta(days=8), "ends_at": self.now + dt.timedelta(days=8, hours=1)}
        opening = Opening(practitioner=self.cards["one"], freed_at=self.now, **ends)
        opening.save()
        self.note("opening", own=opening)

    def _courses(self) -> None:
        """The patient's, with the doctor and the therapist; the other's; one that is gone."""
        phases = [{"name": "One", "kind": "consultation", "sittings": 2, "least_days": 0, "most_days": 2, "pause_days": 0}]
        template = CourseTemplate(name=self.word("card"), phases=phases)
        template.save()
        self.note("template", own=template)
        known = {"template": template, "phases": phases, "starts_on": self.now.date(), "state": "booked"}
        own, other, gone = (Course(patient=self.charts[whose], **known) for whose in ("own", "sibling", "own"))
        for row in (own, other, gone):
            row.save()
        for number, role in enumerate((Role.DOCTOR, Role.THERAPIST), start=1):
            Sitting(course=own, number=number, phase=0, appointment=self.booked[role]).save()
        self.note("course", own=own, sibling=other, deleted=gone)

    def _money(self) -> None:
        """Two payments, money back from one, an order that is gone, and a gateway's account."""
        set_price(appointment=self.row, price=Decimal(100), by=self.by, now=self.now)
        known: dict[str, Any] = {"by": self.by, "now": self.now}
        own, other = (take(appointment=self.row, method="cash", amount=Decimal(30), **known) for _ in range(2))
        parts = [refund(payment_id=own.id, why="goodwill", amount=Decimal(part), **known) for part in (1, 2)]
        gone = Payment(bill=own.bill, amount=Decimal(1), method="online", state="lapsed", provider="stripe")
        gone.save()
        self.note("payment", own=own, sibling=other, deleted=gone)
        self.note("refund", own=parts[0], sibling=parts[1])
        account = GatewayAccount(provider="stripe", secret_key=self.word("secret"), webhook_secret=self.word("secret"))
        account.save()
        self.note("account", own=account)
