"""Which ids and bodies make an operation succeed? Things that exist, in the state that the operation needs.

One entry an operation; `Good(path, body)` replaces what was generated. Operations without an entry succeed by themselves.
"""

import itertools
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from healthcare.tests.e2e.people import Person, staff


@dataclass
class Good:
    path: dict[str, str] = field(default_factory=dict)
    body: dict[str, Any] | None = None
    headers: dict[str, str] = field(default_factory=dict)


class World:
    """North's desk and doctors, and a supply of appointments and tokens in any state. `me` is who attacks."""

    def __init__(self, url: str, role: str, me: Person) -> None:
        self.url, self.role, self.me = url, role, me
        self.desk = staff(url, "receptionist", "north")
        doctors = self.desk.get("/users/doctors", kind="consultation", page_size=100)["results"]
        self.supply = itertools.cycle(doctors)
        self.doctors = doctors
        self.hours: set[str] = set()

    # -- appointments

    def slot(self, soon: bool = False) -> tuple[str, str]:
        """A doctor and a free time; `soon`: one that can be checked in now. Later ones lie an hour apart, for one patient."""
        for doctor in itertools.islice(self.supply, len(self.doctors)):
            days = 1 if soon else 7
            found = self.desk.get(f"/appointments/doctor/{doctor['id']}/availability", kind="consultation", days=days)
            for starts_at in (slot["starts_at"] for slot in found["slots"]):
                if soon and not _within_the_hour(starts_at):
                    break
                if soon or self.keep_apart(starts_at):
                    return doctor["id"], starts_at
        raise AssertionError("no free time is left")

    def keep_apart(self, starts_at: str) -> bool:
        hour = starts_at[:13]
        if hour in self.hours or _within_the_hour(starts_at):
            return False
        self.hours.add(hour)
        return True

    def aims(self, label: str) -> int:
        """How often to aim. Times within the hour are few, and what a patient may not do is refused whatever it is aimed at."""
        on_the_day = label.startswith(f"POST {APPOINTMENT}/") and label.endswith(ON_THE_DAY)
        return (0 if self.role == "patient" else 1) if on_the_day else 2

    def appointment(self, *steps: str, soon: bool = False) -> str:
        """A new appointment, taken through the steps: the patient's own, or of a chart of its own, by the desk."""
        doctor, starts_at = self.slot(soon)
        body = {"kind": "consultation", "doctor": doctor, "starts_at": starts_at}
        if self.role == "patient" and not soon:
            made = self.me.post("/appointments", body, 201)
        else:
            made = self.desk.post("/appointments", {**body, "patient": self.new_chart()}, 201)
        for step in steps:
            self.desk.post(f"/appointments/{made['id']}/{step}")
        return str(made["id"])

    def new_chart(self) -> str:
        return str(self.desk.post("/patients", {"first_name": "Nia"}, 201)["id"])

    def here(self, *steps: str) -> Good:
        return Good({"appointment_id": self.appointment("check-in", *steps, soon=True)})

    def at(self, *steps: str) -> Good:
        return Good({"appointment_id": self.appointment(*steps)})

    def move(self) -> Good:
        good = self.at()
        doctor = self.desk.get(f"/appointments/{good.path['appointment_id']}")["doctor"]["id"]
        found = self.desk.get(f"/appointments/doctor/{doctor}/availability", kind="consultation", days=7)["slots"]
        return Good(good.path, {"starts_at": secrets.choice(found)["starts_at"]})

    # -- queues

    def queue(self) -> str:
        doctor = next(self.supply)
        return str(self.desk.post("/queues", {"practitioner": doctor["id"]}, 201)["id"])

    def token(self, *verbs: str) -> Good:
        queue = self.queue()
        token = self.desk.post(f"/queues/{queue}/tokens", {}, 201)["id"]
        for verb in verbs:
            self.desk.post(f"/queues/{queue}/tokens/{token}/{verb}")
        return Good({"queue_id": queue, "token_id": token})

    def called(self) -> Good:
        """A token that was called: everybody before it is called and finished."""
        good = self.token()
        while (now := self.desk.post(f"/queues/{good.path['queue_id']}/call-next"))["id"] != good.path["token_id"]:
            self.desk.post(f"/queues/{good.path['queue_id']}/tokens/{now['id']}/finish")
        return good

    def transfer(self) -> Good:
        return Good(self.token().path, {"queue": self.queue()})

    def reorder(self) -> Good:
        good = self.token()
        tokens = self.desk.get(f"/queues/{good.path['queue_id']}")["tokens"]
        return Good({"queue_id": good.path["queue_id"]}, {"tokens": [t["id"] for t in tokens if t["status"] == "waiting"]})

    # -- displays, people

    def display(self, *, paired: bool) -> Good:
        made = Person(self.url).post("/displays", want=201)
        if paired:
            self.desk.post("/displays/approve", {"code": made["code"], "name": "Hall"})
        return Good({"display_id": made["id"]}, headers={"Authorization": f"Display {made['secret']}"})

    def code(self) -> Good:
        made = Person(self.url).post("/displays", want=201)
        return Good(body={"code": made["code"], "name": "Hall"})

    def notification(self) -> Good | None:
        found = self.me.get("/notifications")["results"]
        return Good({"id": found[0]["id"]}) if found else None

    def new_person(self) -> dict[str, Any]:
        return {"email": f"{secrets.token_hex(6)}@people.example", "password": f"Wide-{secrets.token_hex(6)}-door"}

    def registered(self) -> Good:
        person = self.new_person()
        Person(self.url).post("/auth/register", person, 201)
        return Good(body={"identifier": person["email"], "password": person["password"]})

    def refresh(self) -> Good:
        made = Person(self.url).post("/auth/register", self.new_person(), 201)
        return Good(body={"refresh": made["refresh"]})

    def leaving(self) -> Good:
        made = Person(self.url).post("/auth/register", self.new_person(), 201)
        return Good(headers={"Authorization": f"Bearer {made['access']}"}, body={})

    def joining(self) -> Good:
        made = Person(self.url).post("/auth/register", self.new_person(), 201)
        return Good({"clinic_id": "south"}, headers={"Authorization": f"Bearer {made['access']}", "X-Clinic-ID": "south"})

    def chart(self) -> Good:
        if self.role == "patient":
            return Good({"patient_id": self.me.get("/patients")["results"][0]["id"]})
        return Good({"patient_id": self.new_chart()})

    def booking(self) -> Good:
        doctor, starts_at = self.slot()
        body = {"kind": "consultation", "doctor": doctor, "starts_at": starts_at, "reason": "cough"}
        if self.role != "patient":
            body["patient"] = self.new_chart()
        return Good(body=body)

    def doctor(self) -> Good:
        return Good({"doctor_id": next(self.supply)["id"]})


def _within_the_hour(starts_at: str) -> bool:
    from datetime import UTC, datetime, timedelta

    return datetime.fromisoformat(starts_at) <= datetime.now(UTC) + timedelta(minutes=55)


NORTH: Callable[[World], Good] = lambda w: Good({"clinic_id": "north"})  # noqa: E731
ONE_QUEUE: Callable[[World], Good] = lambda w: Good({"queue_id": w.token().path["queue_id"]})  # noqa: E731
ON_THE_DAY = ("check-in", "start", "hold", "resume", "complete", "no-show")
APPOINTMENT, TOKEN = "/appointments/{appointment_id}", "/queues/{queue_id}/tokens/{token_id}"

GOOD: dict[str, Callable[[World], Good | None]] = {
    "POST /appointments": World.booking,
    f"GET {APPOINTMENT}": World.at,
    f"PATCH {APPOINTMENT}": World.at,
    f"DELETE {APPOINTMENT}": World.at,
    f"POST {APPOINTMENT}/cancel": World.at,
    f"POST {APPOINTMENT}/confirm": World.at,
    f"POST {APPOINTMENT}/reschedule": World.move,
    f"POST {APPOINTMENT}/no-show": lambda w: w.here(),
    f"POST {APPOINTMENT}/check-in": lambda w: Good({"appointment_id": w.appointment(soon=True)}),
    f"POST {APPOINTMENT}/start": lambda w: w.here(),
    f"POST {APPOINTMENT}/hold": lambda w: w.here(),
    f"POST {APPOINTMENT}/resume": lambda w: w.here("hold"),
    f"POST {APPOINTMENT}/complete": lambda w: w.here("start"),
    "GET /appointments/doctor/{doctor_id}/availability": World.doctor,
    "POST /auth/register": lambda w: Good(body=w.new_person()),
    "POST /auth/login": World.registered,
    "POST /auth/refresh": World.refresh,
    "POST /auth/logout": World.leaving,
    "GET /clinics/{clinic_id}": NORTH,
    "PATCH /clinics/{clinic_id}": lambda w: Good({"clinic_id": "north"}, {"address": "1 Long Lane"}),
    "GET /clinics/{clinic_id}/doctors": NORTH,
    "GET /clinics/{clinic_id}/locations": NORTH,
    "GET /clinics/{clinic_id}/patients": NORTH,
    "POST /clinics/{clinic_id}/register": World.joining,
    "GET /displays/{display_id}": lambda w: w.display(paired=False),
    "DELETE /displays/{display_id}": lambda w: Good(w.display(paired=True).path),
    "POST /displays/{display_id}/tickets": lambda w: w.display(paired=True),
    "POST /displays/approve": World.code,
    "POST /notifications/{id}/read": World.notification,
    "GET /patients/{patient_id}": World.chart,
    "PATCH /patients/{patient_id}": World.chart,
    "POST /patients": lambda w: Good(body={"first_name": "Nia", "phone": "+4915112345678"}),
    "POST /patients/search": lambda w: Good(body={"mrn": "X2X2-X2X2"}),
    "POST /queues": lambda w: Good(body={"practitioner": next(w.supply)["id"]}),
    "GET /queues/{queue_id}": ONE_QUEUE,
    "POST /queues/{queue_id}/call-next": ONE_QUEUE,
    "POST /queues/{queue_id}/tokens": lambda w: Good({"queue_id": w.queue()}, {}),
    "POST /queues/{queue_id}/reorder": World.reorder,
    f"POST {TOKEN}/skip": World.called,
    f"POST {TOKEN}/recall": World.called,
    f"POST {TOKEN}/start": World.called,
    f"POST {TOKEN}/finish": World.called,
    f"POST {TOKEN}/hold": lambda w: w.token(),
    f"POST {TOKEN}/resume": lambda w: w.token("hold"),
    f"POST {TOKEN}/transfer": World.transfer,
    f"POST {TOKEN}/undo": World.called,
    "PUT /users/profile": lambda w: Good(body={"first_name": "Nia"}),
    "PATCH /users/profile": lambda w: Good(body={"last_name": "Bold"}),
}
