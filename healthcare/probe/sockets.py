"""Who hears what over WebSocket? Every role with every kind of ticket at rooms of their own, of the other clinic, of nobody."""

import asyncio
import hashlib
import json
from collections.abc import Iterator
from typing import Any

from asgiref.sync import sync_to_async
from channels.routing import URLRouter
from django.utils import timezone

from accounts.models import Display, SocketTicket
from accounts.roles import Role, reach
from accounts.services import tickets
from healthcare.core.ids import new_id
from healthcare.core.realtime.listener import NOT_ALLOWED, REFUSED, UNKNOWN
from healthcare.core.tenancy import on_platform
from healthcare.probe.calls import Answer
from healthcare.probe.expecting import homes
from healthcare.probe.judging import Cell
from healthcare.probe.people import Person
from healthcare.probe.screens import ROLE as DISPLAY
from healthcare.probe.world import House, World
from healthcare.sockets import urlpatterns

HEARD = 200
WAIT = 10.0
# every socket of the product: its address, the permission it needs, the kind of id it takes
SOCKETS = {
    "ws/queues/<uuid:queue_id>": ("/ws/queues/{}", "queue.view", "queue"),
    "ws/users/<uuid:user_id>": ("/ws/users/{}", "", "user"),
}
# rooms of one person each: whose the ids of the table are (ticket, room, role)
THEIR_OWN = (("own", "own", Role.DOCTOR), ("own", "sibling", Role.RECEPTIONIST), ("other", "foreign", Role.DOCTOR))
TICKETS = ("own", "other", "used", "revoked", "expired", "access", "garbage")
ROOMS = ("own", "sibling", "foreign", "deleted", "unknown", "malformed")


def unclassified() -> list[str]:
    known = {str(pattern.pattern) for pattern in urlpatterns} - {""}
    doubts = [f"socket {route}: no row in healthcare/probe/sockets.py" for route in known - set(SOCKETS)]
    return doubts + [f"socket {route}: has a row, but is no route (any more)" for route in set(SOCKETS) - known]


def cells(world: World, route: str, who: str) -> Iterator[Cell]:
    """`who` is a role, or a display."""
    _, need, _ = SOCKETS[route]
    for ticket in TICKETS if who != DISPLAY else ("own", "other", "used", "expired"):
        for room in ROOMS if ticket in ("own", "other") else ("own", "foreign"):
            yield _cell(route, who, ticket, room, _want(need, who, ticket, room))


def _cell(route: str, who: str, ticket: str, room: str, want: int) -> Cell:
    house = "b" if ticket == "other" else "a"
    hidden = {"own": ("foreign", "deleted", "unknown"), "other": ("own", "unknown")}.get(ticket, ("own", "foreign"))
    return Cell(
        operation=f"socket {route}",
        role=who,
        place="socket",
        which=f"room {room}",
        token=f"{ticket} ticket",
        want=frozenset({want}),
        named=house if want == HEARD else "",
        homes=homes(Role(who), "own") if who in set(Role) and ticket == "own" else frozenset(house),
        alike=ticket if room in hidden else "",
    )


def _want(need: str, who: str, ticket: str, room: str) -> int:
    if room == "malformed":
        return UNKNOWN
    if ticket not in ("own", "other"):
        return REFUSED
    if not need:
        return HEARD if (ticket, room, who) in THEIR_OWN else NOT_ALLOWED
    if who != DISPLAY and reach(need, frozenset({Role(who)})) is None:
        return NOT_ALLOWED
    mine = ("own",) if who == DISPLAY and ticket == "own" else ("own", "sibling")
    return HEARD if room in (("foreign",) if ticket == "other" else mine) else UNKNOWN


async def hear(world: World, cell: Cell) -> Answer:
    """The first frame, or the code with which it is closed."""
    route = cell.operation.removeprefix("socket ")
    address, _, kind = SOCKETS[route]
    room = cell.which.removeprefix("room ")
    given = "not-an-id" if room == "malformed" else str(new_id()) if room == "unknown" else _room(world, kind, room)
    text = await sync_to_async(_ticket)(world, cell.role, cell.token.removesuffix(" ticket"))
    return await _play(address.format(given), text)


async def _play(path: str, ticket: str) -> Answer:
    inbox: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    outbox: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    scope = {"type": "websocket", "path": path, "headers": [], "query_string": b"", "subprotocols": []}
    inbox.put_nowait({"type": "websocket.connect"})
    inbox.put_nowait({"type": "websocket.receive", "text": json.dumps({"type": "hello", "ticket": ticket})})
    task = asyncio.create_task(URLRouter(urlpatterns)(scope, inbox.get, outbox.put))
    try:
        while True:
            said = await asyncio.wait_for(outbox.get(), WAIT)
            if said["type"] == "websocket.send":
                return Answer(HEARD, said["text"])
            if said["type"] == "websocket.close":
                return Answer(said.get("code", 1000), said.get("reason", ""))
    finally:
        inbox.put_nowait({"type": "websocket.disconnect", "code": 1000})
        await asyncio.wait([task], timeout=WAIT)
        task.cancel()


def _room(world: World, kind: str, room: str) -> str:
    return (world.b if room == "foreign" else world.a).id_of(kind, "own" if room == "foreign" else room)


def _ticket(world: World, who: str, kind: str) -> str:
    house = world.b if kind == "other" else world.a
    person = house.people[Role(who)] if who != DISPLAY else house.people[Role.RECEPTIONIST]
    if kind in ("access", "garbage"):
        return person.bearer("own").partition(" ")[2] if kind == "access" else "nothing-of-ours"
    text = _issued(house, who, person, ended=kind == "revoked")
    if kind == "used":
        tickets.redeem(text)
    if kind == "expired":
        with on_platform():
            SocketTicket.objects.filter(digest=hashlib.sha256(text.encode()).digest()).update(expires_at=timezone.now())
    return text


def _issued(house: House, who: str, person: Person, *, ended: bool) -> str:
    now = timezone.now()
    if who == DISPLAY:
        with on_platform():
            return tickets.issue_to_display(display=Display.objects.get(pk=house.screen[0]), now=now).text
    session = person.ended if ended else person.session
    return tickets.issue(user_id=person.id, session_id=session.id, clinic_id=house.clinic.id, now=now).text
