"""What does a screen get over its socket, from real queues, real tickets and a real database?"""

import json
import time
from collections.abc import AsyncIterator, Callable
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio
from django.utils import timezone

from accounts.models import User
from accounts.services import displays, tickets
from accounts.services.sessions import Device, end_session, open_session
from appointments.queue.services import calling
from appointments.queue.sockets import QueueSocket
from appointments.queue.tests import make as queues
from clinics.models import Clinic
from healthcare.core.realtime.reading import in_clinic_of, in_thread
from healthcare.core.tenancy import in_clinic, on_platform
from healthcare.core.tests.realtime import CLOSED, Played
from healthcare.tests import make

pytestmark = [pytest.mark.usefixtures("committed"), pytest.mark.parallel]
APPLICATION = QueueSocket.as_asgi()
NAMES = ("Zebulon", "Quagmire")


class Stage:
    """A clinic with a queue in which one named patient waits, and staff who are signed in."""

    def __init__(self, slug: str) -> None:
        self.clinic = Clinic.objects.get(slug=slug)
        self.played: list[Played] = []
        self.sessions: dict[str, Any] = {}
        with in_clinic(self.clinic):
            patient = make.patient(first_name=NAMES[0], last_name=NAMES[1])
            self.token = queues.arrived(make.practitioner(name="Dr Vale", room="Room 9"), patient=patient, reason="hiccups")
            self.queue = self.token.queue

    def ticket(self, role: str = "receptionist") -> str:
        if role not in self.sessions:
            with on_platform():
                user = User.objects.get(pk=make.member(role, self.clinic).user_id)
                self.sessions[role] = open_session(user=user, device=Device("test", None)).session
        session = self.sessions[role]
        made = tickets.issue(user_id=session.user_id, session_id=session.id, clinic_id=self.clinic.id, now=timezone.now())
        return made.text

    def display(self, *practitioners: Any) -> displays.Display:
        made = displays.announce(now=timezone.now())
        by = make.member("receptionist", self.clinic).user_id
        return displays.approve(
            code=made.display.code,
            name="Hall",
            clinic=self.clinic,
            by=by,
            session_id=uuid4(),
            now=timezone.now(),
            practitioners=practitioners,
        )

    def connect(self, ticket: str, since: int | None = None, queue: Any = None) -> Played:
        one = Played(APPLICATION, queue_id=queue or self.queue.id)
        one.hello(ticket, since)
        self.played.append(one)
        return one

    async def do(self, verb: Callable[..., Any], **what: Any) -> Any:
        return await in_thread(in_clinic_of, self.clinic.id, lambda: verb(by=None, now=timezone.now(), **what))

    async def close(self) -> None:
        for one in self.played:
            if not one.task.done():
                await one.leave()


@pytest_asyncio.fixture
async def north(committed: None) -> AsyncIterator[Stage]:
    stage = await in_thread(Stage, "north")
    yield stage
    await stage.close()


async def test_a_screen_gets_the_queue_then_each_change_then_what_it_missed_and_never_a_name(north: Stage) -> None:
    one = north.connect(await in_thread(north.ticket))
    first = await one.get()
    assert (first["type"], first["seq"]) == ("snapshot", 1)
    assert [(t["number"], t["place"], t["desk"]) for t in first["queue"]["tokens"]] == [("A-001", 1, "Room 9")]
    called = await north.do(calling.call_next, queue=north.queue)
    live = await one.get()
    assert (live["type"], live["seq"], live["event"], live["token"]["status"]) == ("event", 2, "token.called", "called")
    await one.leave()
    for verb in (calling.recall, calling.start, calling.finish):
        await north.do(verb, token=called)
    back = await north.connect(await in_thread(north.ticket), since=2).get()
    assert [(e["seq"], e["event"]) for e in back["events"]] == [
        (3, "token.recalled"),
        (4, "token.started"),
        (5, "token.finished"),
    ]
    heard = json.dumps([first, live, back])
    assert [
        word for word in (*NAMES, "hiccups", str(north.token.patient_id), str(north.token.appointment_id)) if word in heard
    ] == []


async def test_signing_out_closes_the_socket_within_two_seconds(north: Stage) -> None:
    one = north.connect(await in_thread(north.ticket))
    await one.get()
    began = time.monotonic()
    await in_thread(lambda: end_session(session_id=north.sessions["receptionist"].id, why="logout"))
    assert await one.get() == (CLOSED, 4401)
    assert time.monotonic() - began < 2


async def test_losing_the_role_closes_the_socket_within_two_seconds(north: Stage) -> None:
    one = north.connect(await in_thread(north.ticket))
    await one.get()
    began = time.monotonic()
    user_id = north.sessions["receptionist"].user_id
    await in_thread(lambda: User.objects.get(pk=user_id).memberships.update(ended_at=timezone.now()))
    assert await one.get() == (CLOSED, 4401)
    assert time.monotonic() - began < 2


async def test_revoking_a_screen_closes_its_socket_within_two_seconds(north: Stage) -> None:
    display = await in_thread(north.display)
    one = north.connect((await in_thread(lambda: tickets.issue_to_display(display=display, now=timezone.now()))).text)
    assert (await one.get())["type"] == "snapshot"
    began = time.monotonic()
    await in_thread(lambda: displays.revoke(display=display, by=None, now=timezone.now()))
    assert await one.get() == (CLOSED, 4401)
    assert time.monotonic() - began < 2


async def test_another_clinics_queue_looks_unknown(north: Stage) -> None:
    south = await in_thread(Stage, "south")
    codes = [
        await north.connect(await in_thread(north.ticket), since=since, queue=queue).get()
        for queue in (south.queue.id, uuid4())
        for since in (None, 0)
    ]
    assert codes == [(CLOSED, 4404)] * 4


async def test_a_patient_and_an_auditor_may_not_listen_to_a_queue(north: Stage) -> None:
    for role in ("patient", "auditor"):
        assert await north.connect(await in_thread(north.ticket, role)).get() == (CLOSED, 4403)


async def test_a_screen_of_one_practitioner_sees_that_queue_and_no_other(north: Stage) -> None:
    display = await in_thread(north.display, north.queue.practitioner_id)

    def ticket() -> str:
        return tickets.issue_to_display(display=display, now=timezone.now()).text

    other = await in_thread(in_clinic_of, north.clinic.id, queues.queue)
    assert (await north.connect(await in_thread(ticket)).get())["type"] == "snapshot"
    assert await north.connect(await in_thread(ticket), queue=other.id).get() == (CLOSED, 4404)


async def test_a_ticket_of_a_session_that_ended_meanwhile_is_refused(north: Stage) -> None:
    ticket = await in_thread(north.ticket)
    await in_thread(lambda: end_session(session_id=north.sessions["receptionist"].id, why="logout"))
    assert await north.connect(ticket).get() == (CLOSED, 4401)
