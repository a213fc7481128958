"""What stands on the desk's board? Today's queues with everybody in them, and who is expected: plain values, read at once.

The values are all that the page shows, so their digest says whether it has changed. Names are for members who may read
the chart; everybody else sees numbers.
"""

import datetime as dt
import hashlib
import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import OuterRef, Q, Subquery

from accounts.membership import Member
from appointments.models import Appointment, Practitioner
from appointments.queue import faces, verbs
from appointments.queue.models import OPEN, Queue, QueueEvent, Token
from appointments.queue.waits.estimate import Wait
from appointments.queue.waits.reading import minutes, told
from appointments.services.steps import CHECK_IN_CLOSES, CHECK_IN_OPENS
from appointments.workflow import BY_VERB
from healthcare.core.crypto import Unreadable
from healthcare.core.fields import warm
from patients.models import Patient

S = Token.Status
SHOWN_DONE = 5  # who is finished and may still be brought back
SHOWN_EXPECTED = 60
BARE = re.compile(r"[A-Za-z]{0,2}-?[0-9]{1,4}[A-Za-z]?\Z")  # the rule of the screens' words.js
UNDO_FOR = dt.timedelta(minutes=60)
# what staff does next as a rule stands first, then the others in this order
FIRST = {S.CALLED: "start", S.SERVING: "finish", S.HELD: "resume", S.SKIPPED: "recall"}
CLICKS = ("start", "finish", "recall", "resume", "skip", "hold")
LABELS = {
    "start": "Start", "finish": "Finish", "recall": "Call again", "resume": "Back in line", "skip": "Skip", "hold": "Hold",
}  # fmt: skip
HERE, ASIDE = (S.CALLED, S.SERVING), (S.HELD, S.SKIPPED)


class Chart(NamedTuple):
    name: str
    mrn: str


class Click(NamedTuple):
    verb: str
    label: str
    is_first: bool


class Line(NamedTuple):
    """A token. `minutes` have passed since arrival for who waits, since the last thing that happened for the others. `wait`
    is the range until they are called, where it is known."""

    id: UUID
    number: str
    status: str
    priority: str
    place: int | None
    due: str
    minutes: int
    wait: str
    calls: int
    chart: Chart | None
    has_chart: bool
    clicks: tuple[Click, ...]
    can_be_sent: bool
    undoes: str  # what "undo" takes back, empty when nothing can be


class Card(NamedTuple):
    """A queue."""

    id: UUID
    practitioner_id: UUID
    title: str
    speciality: str
    desk: str
    day: str  # only of a night's queue that is yesterday's
    waiting: int
    finished: int
    here: tuple[Line, ...]
    line: tuple[Line, ...]
    aside: tuple[Line, ...]
    done: tuple[Line, ...]


class Call(NamedTuple):
    number: str
    desk: str
    at: str
    calls: int


class Expected(NamedTuple):
    id: UUID
    at: str
    late: int
    practitioner: str
    chart: Chart | None
    state: str


class Board(NamedTuple):
    cards: tuple[Card, ...]
    chosen: UUID | None
    call: Call | None
    expected: tuple[Expected, ...]
    unopened: tuple[tuple[UUID, str], ...]

    @property
    def shown(self) -> tuple[tuple[Card, str], ...]:
        """Each queue with its mark: the script replaces those parts of the page whose mark is another."""
        return tuple((c, mark(c, self.targets)) for c in self.cards if self.chosen in (None, c.id))

    @property
    def marks(self) -> dict[str, str]:
        chips = [(card.id, card.title, card.waiting) for card in self.cards]
        return {
            "call": mark(self.call),
            "chips": mark(chips, self.chosen, len(self.expected)),
            "expected": mark(self.expected),
            "open": mark(self.unopened),
        }

    @property
    def targets(self) -> tuple[tuple[UUID, str], ...]:
        return tuple((card.id, f"{card.title}, {card.desk}") for card in self.cards)

    @property
    def tag(self) -> str:
        return mark(self)


def mark(*values: object) -> str:
    """The same as long as everything shown is the same."""
    return hashlib.sha256(repr(values).encode()).hexdigest()[:24]


def board_of(member: Member, *, now: dt.datetime, chosen: UUID | None = None) -> Board:
    """The board of the current clinic as this member may see it; `chosen` narrows it to one queue of today."""
    queues = Queue.objects.visible_to(member, "queue.run").for_page().today(now)
    chosen = chosen if chosen in {queue.id for queue in queues} else None
    people = _expected_rows(member, now)
    tokens = _token_rows(queues, now)
    charts = _charts(member, {t.patient_id for t in tokens if t.patient_id} | {a.patient_id for a in people})
    lines = {queue: [t for t in tokens if t.queue_id == queue.id] for queue in queues}
    waits = told(lines, now=now)
    cards = [_card(queue, rows, charts, waits, now) for queue, rows in lines.items()]
    wanted = {q.practitioner_id for q in queues if q.id == chosen}
    return Board(
        cards=tuple(sorted(cards, key=lambda card: not card.waiting)),
        chosen=chosen,
        call=_last_call(queues, tokens),
        expected=tuple(_expected(a, charts, now) for a in people if not wanted or a.practitioner_id in wanted),
        unopened=_unopened(member, queues, now),
    )


def _token_rows(queues: Sequence[Queue], now: dt.datetime) -> list[Token]:
    last = QueueEvent.objects.filter(token=OuterRef("pk")).order_by("-seq").values("event")[:1]
    lately = Q(status=S.FINISHED, finished_at__gt=now - UNDO_FOR)
    rows = Token.objects.filter(queue__in=[queue.id for queue in queues]).filter(Q(status__in=OPEN) | lately)
    return list(rows.annotate(last_event=Subquery(last)).order_by("serial"))


def _expected_rows(member: Member, now: dt.datetime) -> list[Appointment]:
    """Who may check in now."""
    rows = Appointment.objects.visible_to(member, "appointment.run").for_page()
    rows = rows.filter(state__in=[state.value for state in BY_VERB["check_in"].sources])
    rows = rows.filter(starts_at__gte=now - CHECK_IN_CLOSES, starts_at__lte=now + CHECK_IN_OPENS)
    return list(rows.defer("reason", "cancel_reason").order_by("starts_at", "id")[:SHOWN_EXPECTED])


def _charts(member: Member, ids: Iterable[UUID]) -> dict[UUID, Chart]:
    rows = list(Patient.objects.visible_to(member, "patient.view").filter(pk__in=list(ids)))
    warm(rows)
    return {row.id: Chart(_name(row), row.mrn) for row in rows}


def _name(row: Patient) -> str:
    try:
        return row.full_name
    except Unreadable:  # its key was destroyed: the person was forgotten
        return "erased"


def _card(queue: Queue, tokens: list[Token], charts: dict[UUID, Chart], waits: dict[UUID, Wait], now: dt.datetime) -> Card:
    zone = ZoneInfo(getattr(queue, "place_zone", None) or "UTC")
    places = {token: place for token, place in faces.ranked(tokens) if place is not None}
    here = sorted((t for t in tokens if t.status in HERE), key=lambda t: t.called_at or now, reverse=True)
    done = sorted((t for t in tokens if t.status == S.FINISHED), key=lambda t: t.finished_at or now, reverse=True)

    def lines(rows: Iterable[Token]) -> tuple[Line, ...]:
        return tuple(_line(token, places.get(token), charts, zone, now, waits.get(token.id)) for token in rows)

    return Card(
        id=queue.id,
        practitioner_id=queue.practitioner_id,
        title=str(queue.practitioner),
        speciality=queue.practitioner.speciality,
        desk=room(queue.desk),
        day="" if queue.is_todays(now) else queue.day.isoformat(),
        waiting=len(places),
        finished=getattr(queue, "n_finished", 0),
        here=lines(t for status in HERE for t in here if t.status == status),
        line=lines(places),
        aside=lines(t for status in ASIDE for t in tokens if t.status == status),
        done=lines(done[:SHOWN_DONE]),
    )


def _line(
    token: Token, place: int | None, charts: dict[UUID, Chart], zone: ZoneInfo, now: dt.datetime, wait: Wait | None
) -> Line:
    since = {S.CALLED: token.called_at, S.SERVING: token.started_at, S.FINISHED: token.finished_at}.get(S(token.status))
    return Line(
        id=token.id,
        number=token.number,
        status=str(token.status),
        priority=token.priority,
        place=place,
        due=_clock(token.due_at, zone),
        minutes=_minutes(now - (since or token.arrived_at)),
        wait="–".join(str(one) for one in (minutes(wait) or {}).values()),
        calls=token.calls,
        chart=charts.get(token.patient_id) if token.patient_id else None,
        has_chart=token.patient_id is not None,
        clicks=tuple(_clicks(S(token.status))),
        can_be_sent=token.status in verbs.BY_NAME["transfer"].sources,
        undoes=_undoes(getattr(token, "last_event", "")),
    )


def _clicks(status: Token.Status) -> list[Click]:
    """What the table of verbs allows on such a token."""
    first = FIRST.get(status, "")
    names = [name for name in CLICKS if status in verbs.BY_NAME[name].sources]
    return [Click(name, LABELS[name], name == first) for name in sorted(names, key=lambda name: name != first)]


def _undoes(event: str) -> str:
    names = {verb.event: verb.name for verb in verbs.VERBS if verb.event in verbs.CAN_BE_UNDONE}
    return LABELS.get(names[event], "call").lower() if event in names else ""


def _last_call(queues: Sequence[Queue], tokens: Sequence[Token]) -> Call | None:
    calls = [t for t in tokens if t.status == S.CALLED and t.called_at]
    if not calls:
        return None
    token = max(calls, key=lambda t: (t.called_at, t.id))
    queue = next(q for q in queues if q.id == token.queue_id)
    zone = ZoneInfo(getattr(queue, "place_zone", None) or "UTC")
    return Call(token.number, room(queue.desk), _clock(token.called_at, zone), token.calls)


def _expected(row: Appointment, charts: dict[UUID, Chart], now: dt.datetime) -> Expected:
    late = max(0, _minutes(now - row.starts_at))
    chart = charts.get(row.patient_id)
    return Expected(row.id, _clock(row.starts_at, row.zone), late, str(row.practitioner), chart, row.state)


def _unopened(member: Member, queues: Sequence[Queue], now: dt.datetime) -> tuple[tuple[UUID, str], ...]:
    """Practitioners without a queue of today."""
    has_one = {queue.practitioner_id for queue in queues if queue.is_todays(now)}
    cards = Practitioner.objects.visible_to(member, "practitioner.view").seeing_patients().order_by("name", "id")
    return tuple((row.id, str(row)) for row in cards.exclude(pk__in=has_one))


def room(desk: str) -> str:
    """As people say it: "Room 3" for a bare number; a place that has a name of its own stays."""
    return f"Room {desk}" if BARE.match(desk) else desk


def _clock(instant: dt.datetime | None, zone: ZoneInfo) -> str:
    return instant.astimezone(zone).strftime("%H:%M") if instant else ""


def _minutes(span: dt.timedelta) -> int:
    return int(span.total_seconds() // 60)
