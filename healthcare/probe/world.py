"""What does the probe try its hands on? Two filled throw-away clinics and a closed one, with canaries in every row."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from accounts.roles import Role
from healthcare.core.ids import new_id
from healthcare.core.models import Job
from healthcare.core.tenancy import in_clinic, on_platform
from healthcare.probe import clinics
from healthcare.probe.canaries import Canaries, Canary
from healthcare.probe.ease import at_ease
from healthcare.probe.filling import fill
from healthcare.probe.people import Person, everybody

Say = Callable[[str], None]
CARDS = ("appointments_practitioner", "appointments_weeklytemplate", "clinics_location")
TABLES = """
SELECT c.relname,
       EXISTS (SELECT 1 FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'id' AND a.atttypid = 'uuid'::regtype)
FROM pg_class c WHERE c.relnamespace = %s::regnamespace AND c.relkind = 'r' AND c.relname <> 'django_migrations' ORDER BY 1
"""
# jobs of a running installation may publish next free times and note that on the trail; nothing else may move
HASH = """
SELECT count(*)::text || ':' || md5(coalesce(string_agg(r, '' ORDER BY r), '')) FROM (
    SELECT (to_jsonb(t) - 'next_free_at' - 'version')::text AS r FROM {table} t
    WHERE coalesce(to_jsonb(t) ->> 'actor_kind', '') <> 'system') AS rows
"""


@dataclass
class House:
    """One clinic: its people, the ids of its things (`ids[kind][which]`), what a screen of it holds."""

    name: str
    clinic: Any
    people: dict[Role, Person] = field(default_factory=dict)
    ids: dict[str, dict[str, str]] = field(default_factory=dict)
    screen: tuple[str, str] = ("", "")  # id and secret of a paired display
    facts: dict[str, Any] = field(default_factory=dict)

    def id_of(self, kind: str, which: str, role: Role | None = None) -> str:
        """`own` may be another thing for each role; what a kind lacks is unknown."""
        known = self.ids.get(kind, {})
        return known.get(f"{which}:{role}") or known.get(which) or str(new_id())

    def state(self) -> dict[str, str]:
        """A hash of every table: what is there before and after must be equal."""
        with in_clinic(self.clinic), connection.cursor() as cursor:
            cursor.execute(TABLES, [f'"{self.clinic.schema_name}"'])
            found = {}
            for table, _ in cursor.fetchall():
                cursor.execute(HASH.format(table=f'"{table}"'))
                found[table] = cursor.fetchone()[0]
        return found


@dataclass
class World:
    a: House
    b: House
    closed: Any
    canaries: Canaries
    sessions: list[str] = field(default_factory=list)  # of the admin
    before: dict[str, dict[str, str]] = field(default_factory=dict)

    @property
    def houses(self) -> tuple[House, House]:
        return self.a, self.b

    def changed(self) -> list[str]:
        """Tables that are not as they were when the probe began."""
        now = {house.name: house.state() for house in self.houses}
        return [
            f"{house.clinic.slug}.{table}"
            for house in self.houses
            for table, value in now[house.name].items()
            if self.before[house.name].get(table) != value
        ]


@contextmanager
def houses(*names: str, say: Say = lambda line: None) -> Iterator[tuple[list[House], Canaries, list[str]]]:
    """Open and fill a clinic for each name, and end them whatever comes. The list of admin sessions is the caller's to fill."""
    made, users, sessions, canaries = list[House](), list[UUID](), list[str](), Canaries()
    try:
        for name in names:
            made.append(House(name, clinics.begin(name)))
            with at_ease(), transaction.atomic():  # no worker sees a job of it before it is withdrawn: nobody is written to
                _fill(made[-1], canaries, users)
                _withdraw_jobs(made[-1])
            say(f"opened and filled {made[-1].clinic.slug}")
        yield made, canaries, sessions
    finally:
        displays = [UUID(i) for house in made for i in house.ids.get("display", {}).values()]
        clinics.end([house.clinic for house in made], users, displays, sessions)
        say("ended what was opened")


@contextmanager
def world(say: Say = lambda line: None) -> Iterator[World]:
    """Two filled clinics and a closed one."""
    closed = clinics.begin("closed")
    try:
        clinics.close(closed)
        with houses("a", "b", say=say) as ((a, b), canaries, sessions):
            made = World(a, b, closed, canaries, sessions)
            made.before = {house.name: house.state() for house in made.houses}
            yield made
    finally:
        clinics.end([closed], [], [], [])


def _fill(house: House, canaries: Canaries, users: list[UUID]) -> None:
    house.people = everybody(house.name, house.clinic, canaries)
    users += [person.id for person in house.people.values()]
    house.ids["session"] = _sessions(house.people)
    house.ids["challenge"] = {}  # each is new: none is known beforehand
    fill(house, canaries)
    _note_rows(house, canaries)


def _sessions(people: dict[Role, Person]) -> dict[str, str]:
    """Everybody's own, and as a sibling somebody else's of the same clinic."""
    ids = {f"own:{role}": str(person.session.id) for role, person in people.items()}
    roles = list(people)
    others = zip(roles, roles[1:] + roles[:1], strict=True)
    return ids | {f"sibling:{role}": ids[f"own:{other}"] for role, other in others}


def _note_rows(house: House, canaries: Canaries) -> None:
    """The id of every row of the clinic's schema tells of it."""
    with in_clinic(house.clinic), connection.cursor() as cursor:
        cursor.execute(TABLES, [f'"{house.clinic.schema_name}"'])
        for table in [name for name, has_id in cursor.fetchall() if has_id]:
            cursor.execute(f'SELECT id FROM "{table}"')
            for (row_id,) in cursor.fetchall():
                canaries.add(row_id, Canary(house.name, "card" if table in CARDS else "row"))


def _withdraw_jobs(house: House) -> None:
    with on_platform():
        Job.objects.filter(clinic_id=house.clinic.id, state=Job.State.READY).update(state=Job.State.CANCELLED)
