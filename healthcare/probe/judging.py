"""Was that answer right? Its status, what it shows and wrote, and whether it tells another's id from nobody's."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from accounts.roles import Reach, Role, reach
from healthcare.probe.calls import Answer, Call
from healthcare.probe.canaries import Canaries, Canary

# what a role must be allowed, to see words of a chart at all
READS = {"chart": "patient.view", "reason": "appointment.read_reason"}
REFUSED = frozenset({400, 401, 403, 404})
TRAIL = {"audit_entry"}  # a refusal is put on record
CHANGING = re.compile(  # what differs from call to call
    r'"request_id":\s*"[^"]*"|[Rr]equest[- ][Ii][Dd]:? \S+|csrfmiddlewaretoken" value="[^"]*"|nonce="[^"]*"'
    r'|"seen_at":\s*"[^"]*"|^(?:Set-Cookie|Date|Expires): .*$',
    re.MULTILINE,
)


@dataclass(frozen=True)
class Cell:
    """One square of the matrix: who calls what, with which id in which place, showing what; and what is right."""

    operation: str
    role: str
    place: str
    which: str  # of the ids, or of what stands in that place
    token: str
    calls: tuple[Call, ...] = ()
    want: frozenset[int] | None = None  # statuses; None: only what is shown and written is judged
    named: str = ""  # the clinic the call is about: a, b or none
    homes: frozenset[str] = frozenset()  # clinics the caller belongs to
    shows: frozenset[str] = frozenset()
    sent: frozenset[str] = frozenset()
    alike: str = ""  # cells of one trial with the same word here must be answered alike
    platform: bool = False  # a page about all clinics: what it shows, it may show of each

    @property
    def label(self) -> str:
        return f"{self.operation} as {self.role}, {self.place} {self.which}, token {self.token}"


@dataclass
class Verdict:
    cell: Cell
    status: int = 0
    faults: list[str] = field(default_factory=list)


def judge(cell: Cell, answer: Answer, canaries: Canaries) -> Verdict:
    return Verdict(cell, answer.status, [*_status(cell, answer), *_shown(cell, answer, canaries), *_written(cell, answer)])


def _status(cell: Cell, answer: Answer) -> Iterator[str]:
    if answer.status >= 500 and (cell.want is None or answer.status not in cell.want):
        yield f"answered {answer.status}"
    elif cell.want is not None and answer.status not in cell.want:
        yield f"answered {answer.status} {answer.code}, right is {' or '.join(map(str, sorted(cell.want)))}"
    if "Idempotency-Replayed" in answer.headers:
        yield "was given the stored answer of somebody else's call"


def _shown(cell: Cell, answer: Answer, canaries: Canaries) -> Iterator[str]:
    for seen, canary in canaries.in_text(answer.text + answer.mails, but=cell.sent):
        if why := leaks(cell, canary, answer.status):
            yield f"shows {canary.family} {seen} of clinic {canary.clinic}: {why}"


def leaks(cell: Cell, canary: Canary, status: int) -> str:
    """Why this caller may not see that; empty where it may."""
    if canary.family in cell.shows and (canary.clinic == cell.named or cell.platform) and status < 400:
        return ""
    if canary.clinic not in cell.homes:
        return "the caller is nobody there"
    if canary.clinic != cell.named:
        return f"the call is about {cell.named or 'no clinic'}"
    if cell.role == "display" and canary.whose in ("two", "three", "sibling"):
        return "not a queue of this screen"
    if canary.family in READS and (permission := READS[canary.family]):
        how_far = reach(permission, frozenset({Role(cell.role)})) if cell.role in set(Role) else None
        if how_far is None:
            return f"the role has no {permission}"
        if how_far == Reach.OWN and canary.whose != "own":
            return f"another patient's, and {permission} is for one's own"
    return ""


def _written(cell: Cell, answer: Answer) -> Iterator[str]:
    for house, tables in answer.wrote.items():
        if house != cell.named:
            yield f"wrote to {', '.join(sorted(tables))} of clinic {house}, which it is not about"
        elif answer.status in REFUSED and tables - TRAIL:
            yield f"refused, but wrote to {', '.join(sorted(tables - TRAIL))}"


def alike(judged: Iterable[tuple[Verdict, Answer]]) -> None:
    """Within a trial, cells of one alike group must be answered the same but for the request id; the odd ones are faults."""
    groups: dict[str, list[tuple[Verdict, Answer]]] = defaultdict(list)
    for verdict, answer in judged:
        if verdict.cell.alike:
            groups[verdict.cell.alike].append((verdict, answer))
    for members in groups.values():
        model = plain(members[0][0].cell, members[0][1])
        for verdict, answer in members[1:]:
            if (here := plain(verdict.cell, answer)) != model:
                verdict.faults.append(f"tells {verdict.cell.which} from {members[0][0].cell.which}: {_difference(here, model)}")


def plain(cell: Cell, answer: Answer) -> str:
    """Status, headers and body without what differs from call to call, and without what the caller said."""
    text = CHANGING.sub("-", answer.text)
    for word in sorted(cell.sent, key=len, reverse=True):
        text = re.sub(re.escape(word), "<sent>", text, flags=re.IGNORECASE)
    return f"{answer.status} {answer.code}\n{text}"


def _difference(one: str, other: str) -> str:
    for mine, theirs in zip(one.splitlines(), other.splitlines(), strict=False):
        if mine != theirs:
            at = next((i for i, (m, t) in enumerate(zip(mine, theirs, strict=False)) if m != t), 0)
            return f"{mine[max(0, at - 20) : at + 60]!r} against {theirs[max(0, at - 20) : at + 60]!r}"
    return "one is longer"
