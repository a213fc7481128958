"""Which calls of the REST API make up the matrix? Every place an id, a clinic or a token can stand, for each role."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from django.conf import settings

from accounts import tokens
from accounts.roles import PLATFORM_ROLES, Role
from healthcare.core.ids import new_id
from healthcare.core.needs import OPEN
from healthcare.probe.calls import Call, Caller
from healthcare.probe.cursors import cursor_at
from healthcare.probe.ease import HOST
from healthcare.probe.expecting import CLOSED_TOO, ELSEWHERE, IDS, Asked, homes, right
from healthcare.probe.judging import Cell
from healthcare.probe.operations import Place
from healthcare.probe.people import BAD, TOKENS
from healthcare.probe.schema import Described, paths_of_ids
from healthcare.probe.world import House, World

Cells = tuple[str, Callable[[], list[Cell]]]  # the place, and what is tried there
MALFORMED = "not-an-id"
GLASS, OPENED = ("glass.view", "glass.open", "glass.review"), {"chart", "reason"}  # who opened a chart knows whose, and why
NO_ROLE = frozenset({"none", "garbage"})  # tokens that say nothing of a role: tried once


class Rest:
    """The cells of one operation, for one role."""

    def __init__(self, world: World, caller: Caller, one: Described, role: Role, cursors: dict[str, str]) -> None:
        self.world, self.caller, self.one, self.role, self.cursors = world, caller, one, role, cursors
        self.a, self.b = world.houses

    def places(self) -> Iterator[Cells]:
        if self.one.op.place == Place.SCREEN:
            return
        yield "call", self.plain_call
        yield "token", self.tokens
        if self.one.op.place != Place.NOWHERE:
            yield "header", self.headers
        if self.one.op.place in (Place.PATH, Place.DIRECTORY):
            yield "path clinic", self.clinics_in_path
        for name in self.one.in_path:
            yield f"path {name}", partial(self.ids, "path", name)
        for name in self.one.in_query:
            yield f"filter {name}", partial(self.ids, "query", name)
        for name in paths_of_ids(self.one.op.body):
            yield f"body {name}", partial(self.ids, "list" if name.endswith("[]") else "body", name)
        if "=email" in self.one.op.body.values():
            yield "body email", self.searched
        if self.one.is_list:
            yield "cursor", self.pages
        if self.one.takes_key:
            yield "idempotency", self.keys

    # -- what stands where

    def plain_call(self) -> list[Cell]:
        return [self.cell("call", "own", Asked(self.role, named=self.usual()))]

    def ids(self, where: str, name: str) -> list[Cell]:
        place = {"path": "path", "query": "filter", "body": "body", "list": "nested list"}[where]
        kind, cells = self._kind(where, name), []
        for which in IDS:
            asked = Asked(self.role, named=self.usual(), ids=which, where=where, kind=kind)
            remembered = which == "deleted" and self.one.op.need == "audit.view"  # the clinic's own trail knows what is gone
            told = kind == "moment"  # any id is a place in the order of time
            told |= kind == "self" and self.role in PLATFORM_ROLES  # who sees everybody is told who is there
            group = f"{where} {name}" if which in ELSEWHERE and not (remembered or told) else ""
            if (kind, which) == ("row", "malformed"):
                continue  # any code is a possible id there
            if which in ("sibling", "deleted") and which not in self.a.ids[kind]:
                continue
            cells.append(self.cell(place, f"{name} {which}", asked, swap=(name, which), alike=group))
        return cells

    def _kind(self, where: str, name: str) -> str:
        """Of what the id in this place is one."""
        if where in ("path", "query"):
            return self.one.op.ids[name]
        value = self.one.op.body[name.removesuffix("[]")]
        return str(next(item for item in value if item.startswith("@")) if isinstance(value, list) else value)[1:]

    def headers(self) -> list[Cell]:
        a, b, closed = self.a.clinic, self.b.clinic, self.world.closed
        names = {
            "own slug": ("a", a.slug, HOST), "own id": ("a", str(a.id), HOST), "own host": ("a", "", _host(a)),
            "foreign slug": ("b", b.slug, HOST), "foreign id": ("b", str(b.id), HOST), "foreign host": ("b", "", _host(b)),
            "closed": ("gone", closed.slug, HOST), "unknown slug": ("gone", "probe-nowhere", HOST),
            "unknown id": ("gone", str(new_id()), HOST), "malformed": ("gone", "no clinic!", HOST),
            "absent": ("none", "", HOST), "two clinics": ("conflict", a.slug, _host(b)),
        }  # fmt: skip
        return [self._header(which, *given) for which, given in names.items()]

    def _header(self, which: str, named: str, header: str, host: str) -> Cell:
        in_path = self.one.op.place in (Place.PATH, Place.DIRECTORY)
        if in_path:  # the path says a
            named = {"none": "a", "b": "conflict"}.get(named, named)
        others = {"b": "foreign"}.get(named, "own") if self.one.op.place != Place.PLATFORM else "own"
        asked = Asked(
            self.role,
            named=named,
            ids=others if self._takes_ids() else "own",
            where=self._where() if others != "own" else "header",
        )
        strangers = named in ("gone", "b") and (named == "gone" or named not in homes(self.role, "own"))
        hidden = self.one.op.place == Place.HEADER and not self.one.op.shows
        return self.cell("header", which, asked, header=header, host=host, alike="clinic" if strangers and hidden else "")

    def _takes_ids(self) -> bool:
        return bool(self.one.in_path or list(paths_of_ids(self.one.op.body)))

    def _where(self) -> str:
        return "path" if self.one.in_path else "body"

    def clinics_in_path(self) -> list[Cell]:
        a, b, closed = self.a.clinic, self.b.clinic, self.world.closed
        names = {
            "own slug": ("a", a.slug),
            "own id": ("a", str(a.id)),
            "foreign slug": ("b", b.slug),
            "foreign id": ("b", str(b.id)),
            "closed": ("gone", closed.slug),
            "unknown id": ("gone", str(new_id())),
            "unknown slug": ("gone", "probe-nowhere"),
            "malformed": ("gone", "no clinic!"),
        }
        cells = []
        for which, (named, text) in names.items():
            stranger = named == "gone" or (named == "b" and self.one.op.place == Place.PATH and self.role not in PLATFORM_ROLES)
            told = self.one.key in CLOSED_TOO and self.role in PLATFORM_ROLES  # which is closed, and which is none
            group = "clinic" if stranger and not self.one.op.shows and not told else ""
            stray = named == "b" and self._takes_ids()  # a's things are not there
            asked = Asked(self.role, named=named, ids="foreign" if stray else "own", where=self._where() if stray else "path")
            cells.append(self.cell("path", f"clinic_id {which}", asked, header="", clinic=text, alike=group))
        return cells

    def tokens(self) -> list[Cell]:
        cells = []
        for token in TOKENS:
            once = token in NO_ROLE and self.role != Role.SUPER_ADMIN
            if token == "own" or once or (token == "other" and self.role in PLATFORM_ROLES):
                continue
            stranger = token == "other" and "session" in self.one.op.ids.values()  # another's session, for who holds this one
            ids = "sibling" if stranger else "own"
            cells.append(self.cell("token", "own", Asked(self.role, token, named=self.usual(), ids=ids, kind="session")))
        return cells

    def searched(self) -> list[Cell]:
        mails = {"foreign": self.b.facts["search"]["email"], "unknown": "nobody@probe.invalid"}
        asked = Asked(self.role, named=self.usual(), where="fact")
        return [
            self.cell("body", f"email {which}", asked, facts={"email": mail}, alike="email") for which, mail in mails.items()
        ]

    def pages(self) -> list[Cell]:
        position = self.b.id_of("appointment", "own")
        given = {"foreign id": cursor_at(p=position), "foreign id backwards": cursor_at(r="1", p=position), "garbage": "%%%"}
        if self.one.key in self.cursors:
            given["foreign page"] = self.cursors[self.one.key]
        cells = []
        for which, cursor in given.items():
            want = right(self.one, Asked(self.role, named=self.usual()))
            want = want | {404} if want == {200} else want
            cells.append(self.cell("cursor", which, Asked(self.role, named=self.usual()), cursor=cursor, want=want))
        return cells

    def keys(self) -> list[Cell]:
        """The first call is the role's own; the second, by somebody else, has its key, path and body."""
        key = f"probe-{new_id().hex}"
        first = self.call(Asked(self.role, named=self.usual()), key=key)
        colleague = Role.RECEPTIONIST if self.role == Role.CLINIC_ADMIN else Role.CLINIC_ADMIN
        cells = [self._replay("colleague", Asked(colleague, named=self.usual()), colleague, first, key)]
        if self.one.op.need == OPEN:
            return []  # nobody is signed in: the same address with the same key and body is the same caller
        if self.role not in PLATFORM_ROLES:
            named = "b" if self.one.op.place == Place.HEADER else self.usual()
            cells.append(self._replay("other clinic", Asked(self.role, "other", named=named), self.role, first, key))
        return cells

    def _replay(self, which: str, asked: Asked, role: Role, first: Call, key: str) -> Cell:
        header = self.b.clinic.slug if asked.named == "b" else None
        made = self.cell("idempotency", which, asked, header=header, key=key, role=role)
        same = Call(first.method, first.path, first.query, first.body, made.calls[0].headers, first.host)
        return Cell(**{**made.__dict__, "calls": (first, same), "want": None, "role": str(role)})

    # -- making one

    def usual(self) -> str:
        """What names the clinic when nothing is tried."""
        return "none" if self.one.op.place in (Place.PLATFORM, Place.NOWHERE) else "a"

    def cell(
        self, place: str, which: str, asked: Asked, *, alike: str = "", want: Any = None, role: Any = None, **how: Any
    ) -> Cell:
        call = self.call(asked, **how)
        named = asked.named if asked.named in "ab" else ""
        if self.one.op.place in (Place.PATH, Place.DIRECTORY) and asked.named == "conflict":
            named = ""
        swapped = how.get("swap")
        of_all = self.one.op.place == Place.EITHER and asked.named == "none" and asked.role in PLATFORM_ROLES
        sent = {str(part) for part in call.path.split("/")} | {value for _, value in call.query} | set(_strings(call.body))
        sent |= {value for name, value in call.headers if name == "X-Clinic-ID"} | self._self(asked) | {call.host}
        return Cell(
            operation=self.one.key,
            role=str(role or self.role),
            place=place,
            which=which,
            token=asked.token,
            calls=(call,),
            want=right(self.one, asked) if want is None else frozenset(want),
            named=named,
            homes=homes(asked.role, asked.token),
            shows=self.one.op.shows | ({"people"} if of_all else set()) | (OPENED if self.one.op.need in GLASS else set()),
            platform=of_all or self.one.op.ids.get("token") == "feed_token",  # a feed says itself
            sent=frozenset(part for part in sent if len(part) > 3),
            alike=alike if swapped is None or asked.ids in ELSEWHERE else "",
        )

    def _self(self, asked: Asked) -> set[str]:
        """What the caller is, they may be told."""
        if asked.token in BAD:
            return set()
        person = self._person(asked)
        return {str(person.id), person.user.first_name}

    def _person(self, asked: Asked) -> Any:
        return (self.b if asked.token == "other" else self.a).people[asked.role]

    def call(self, asked: Asked, *, header: str | None = None, host: str = HOST, clinic: str | None = None,
              swap: tuple[str, str] = ("", "own"), facts: Any = None, cursor: str = "", key: str = "") -> Call:  # fmt: skip
        op, a = self.one.op, self.a
        path = self.one.path.replace("{clinic_id}", clinic or a.clinic.slug)
        for name in self.one.in_path:
            path = path.replace(f"{{{name}}}", self._id(op.ids[name], swap[1] if swap[0] == name else "own"))
        query = [(name, a.facts[value[1:]] if value.startswith("=") else value) for name, value in op.query.items()]
        query += [(swap[0], self._id(op.ids[swap[0]], swap[1]))] if swap[0] in self.one.in_query else []
        query += [("cursor", cursor)] if cursor else []
        if header is None:
            header = a.clinic.slug if op.place in (Place.HEADER, Place.EITHER) else ""
        person = self._person(asked)
        headers = (
            ("Authorization", person.bearer("own" if asked.token == "other" else asked.token)),
            ("X-Clinic-ID", header),
            ("Idempotency-Key", key),
        )
        body = self._body(op.body, swap, facts or {}, person) if self.one.method != "GET" else None
        return Call(self.one.method, path, tuple(query), body, headers, host)

    def _body(self, template: dict[str, Any], swap: tuple[str, str], facts: dict[str, str], person: Any) -> Any:
        known = {
            "refresh": tokens.refresh_token(person.session),
            "slot": self.a.facts["slot"],
            "slot_end": self.a.facts["slot_end"],
            "code": self.a.facts["code"],
        }
        known |= {"email": self.a.facts["search"]["email"], "second": self.a.id_of("line", "sibling"), **facts}
        known |= {name: self.a.facts[name] for name in ("pass", "today")}

        def filled(name: str, value: Any) -> Any:
            if isinstance(value, list):
                return [filled(f"{name}[]", item) for item in value]
            if isinstance(value, str) and value.startswith("@"):
                return self._id(value[1:], swap[1] if swap[0] == name else "own")
            return known[value[1:]] if isinstance(value, str) and value.startswith("=") else value

        return {name: filled(name, value) for name, value in template.items()} if self.one.method != "DELETE" else None

    def _id(self, kind: str, which: str) -> str:
        if which == "malformed":
            return MALFORMED
        if which == "unknown":
            return str(new_id())
        house: House = self.b if which == "foreign" else self.a
        return house.id_of(kind, "own" if which == "foreign" else which, self.role)


def _host(clinic: Any) -> str:
    return f"{clinic.slug}.{settings.BASE_DOMAIN}"


def _strings(body: Any) -> Iterator[str]:
    if isinstance(body, str):
        yield body
    elif isinstance(body, dict):
        for value in body.values():
            yield from _strings(value)
    elif isinstance(body, list):
        for value in body:
            yield from _strings(value)
