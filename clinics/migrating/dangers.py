"""Which migrations break the code that runs while they run? A table of operation classes; what is not in it is refused too.

Between a migration and the restart of the last process the former code works on the new schema. So it may lose nothing it
reads, be asked for nothing it does not know, and never wait long for a lock. New tables are nobody's yet: they may change.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres import operations as postgres
from django.db import migrations
from django.db.migrations.migration import Migration
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

from clinics.migrating import columns

DESTRUCTIVE = re.compile(r"\b(drop|rename|truncate|delete|alter\s+column|set\s+not\s+null|lock)\b", re.IGNORECASE)
RESUMABLE = (postgres.AddIndexConcurrently, postgres.RemoveIndexConcurrently)
NO_REVERSE = 'nobody can undo it: give it a reverse, or declare `safe = "reason"` on the migration'
DESTROYS = 'its SQL takes something away or locks: declare `safe = "reason"` on the migration if running code can bear it'
LOCKED = "builds an index on a big table under a lock: AddIndexConcurrently does not"


@dataclass(frozen=True)
class Danger:
    """One operation that running code would not survive, and why."""

    migration: str  # "patients.0002_name"
    operation: str
    why: str


@dataclass(frozen=True)
class Scene:
    """What an operation meets: the state before it, the tables that are big, whether the migration was declared safe."""

    app: str
    before: ProjectState
    big: Collection[str]
    declared_safe: bool
    of_clinics: bool

    def table(self, model: str) -> str:
        found = self.before.models[self.app, model.lower()]
        return str(found.options.get("db_table") or f"{self.app}_{model.lower()}")

    def is_big(self, model: str) -> bool:
        return self.table(model) in self.big

    def field(self, model: str, name: str) -> Any:
        """The field as it was, bound to its model so that it knows its type."""
        return self.before.apps.get_model(self.app, model)._meta.get_field(name)


Why = str | None
Rule = Callable[[Any, Scene], Why]


def _safe(operation: Any, scene: Scene) -> Why:
    return None


def _always(why: str) -> Rule:
    return lambda operation, scene: why


def _renames_model(operation: Any, scene: Scene) -> Why:
    same = scene.before.models[scene.app, operation.old_name_lower].options.get("db_table")
    return None if same else "running code still uses the table's old name"


def _moves_table(operation: Any, scene: Scene) -> Why:
    return None if operation.table == scene.table(operation.name) else "running code still uses the table's old name"


def _adds_field(operation: Any, scene: Scene) -> Why:
    return columns.added(operation.field, big=scene.is_big(operation.model_name))


def _alters_field(operation: Any, scene: Scene) -> Why:
    old = scene.field(operation.model_name, operation.name)
    after = scene.before.clone()
    operation.state_forwards(scene.app, after)
    new = after.apps.get_model(scene.app, operation.model_name)._meta.get_field(operation.name)
    return columns.altered(old, new, big=scene.is_big(operation.model_name))


def _adds_index(operation: Any, scene: Scene) -> Why:
    return LOCKED if scene.is_big(operation.model_name) else None


def _makes_extension(operation: Any, scene: Scene) -> Why:
    return "in a clinic's schema an extension falls with that clinic: make it in a shared app" if scene.of_clinics else None


def _runs_sql(operation: Any, scene: Scene) -> Why:
    if scene.declared_safe:
        return None
    return DESTROYS if DESTRUCTIVE.search(str(operation.sql)) else _runs_python(operation, scene)


def _runs_python(operation: Any, scene: Scene) -> Why:
    return None if scene.declared_safe or operation.reversible else NO_REVERSE


NEW_RULE = "running code may write what it forbids"
TABLE: dict[type[Operation], Rule] = {
    migrations.CreateModel: _safe,
    migrations.DeleteModel: _always("running code still reads the table"),
    migrations.RenameModel: _renames_model,
    migrations.AlterModelTable: _moves_table,
    migrations.AlterModelTableComment: _safe,
    migrations.AlterModelOptions: _safe,
    migrations.AlterModelManagers: _safe,
    migrations.AlterOrderWithRespectTo: _always("running code does not fill the new column"),
    migrations.AlterUniqueTogether: _always(NEW_RULE),
    migrations.AddField: _adds_field,
    migrations.RemoveField: _always("running code still reads and writes the column"),
    migrations.RenameField: _always("running code still uses the column's old name"),
    migrations.AlterField: _alters_field,
    migrations.AddIndex: _adds_index,
    migrations.RemoveIndex: _safe,
    migrations.RenameIndex: _safe,
    migrations.AddConstraint: _always(NEW_RULE),
    migrations.AlterConstraint: _safe,  # changes nothing in the database
    migrations.RemoveConstraint: _always("running code relies on it for what must never be untrue"),
    migrations.RunSQL: _runs_sql,
    migrations.RunPython: _runs_python,
    postgres.AddIndexConcurrently: _safe,
    postgres.RemoveIndexConcurrently: _safe,
    postgres.AddConstraintNotValid: _always(NEW_RULE),
    postgres.ValidateConstraint: _safe,
    postgres.CreateCollation: _safe,
    postgres.RemoveCollation: _always("running code may sort by it"),
    postgres.CreateExtension: _makes_extension,
}


Plan = Iterable[tuple[Migration, bool]]  # every migration in order, with whether it is new


def found_in(plan: Plan, state: ProjectState, big: Collection[str], clinics: Collection[str]) -> list[Danger]:
    """What breaks running code in the plan's new migrations. `state` (empty) is used up; `clinics` are clinics' own apps."""
    made: set[tuple[str, str]] = set()
    dangers: list[Danger] = []
    for migration, new in plan:
        if not new:
            state = migration.mutate_state(state, preserve=False)
            continue
        dangers += _not_resumable(migration)
        safe, of_clinics = bool(getattr(migration, "safe", "")), migration.app_label in clinics
        for operation in migration.operations:
            for part in _on_the_database(operation):
                scene = Scene(migration.app_label, state, big, safe, of_clinics)
                if (why := _judged(part, scene, made)) is not None:
                    dangers.append(Danger(f"{migration.app_label}.{migration.name}", _named(part), why))
            operation.state_forwards(migration.app_label, state)
    return dangers


def _on_the_database(operation: Operation) -> Iterator[Operation]:
    if isinstance(operation, migrations.SeparateDatabaseAndState):
        for part in operation.database_operations:
            yield from _on_the_database(part)
    else:
        yield operation


def _judged(operation: Any, scene: Scene, made: set[tuple[str, str]]) -> Why:
    if isinstance(operation, migrations.CreateModel):
        made.add((scene.app, operation.name_lower))
    touched = getattr(operation, "model_name_lower", None) or getattr(operation, "name_lower", None)
    if touched is not None and (scene.app, touched) in made:
        return None
    if (rule := _rule_for(type(operation))) is None:
        return "no rule of the table knows this operation: teach it (clinics/migrating/dangers.py)"
    return rule(operation, scene)


def _rule_for(kind: type) -> Rule | None:
    return next((TABLE[one] for one in kind.__mro__ if one in TABLE), None)


def _not_resumable(migration: Migration) -> list[Danger]:
    """Outside a transaction only what can be begun anew is allowed: else a kill would leave half a migration."""
    if migration.atomic or bool(getattr(migration, "safe", "")):
        return []
    parts = [part for operation in migration.operations for part in _on_the_database(operation)]
    why = "runs outside a transaction (atomic = False) and cannot be begun anew after a kill"
    name = f"{migration.app_label}.{migration.name}"
    return [Danger(name, _named(part), why) for part in parts if not isinstance(part, RESUMABLE)]


def _named(operation: Any) -> str:
    """Class and target, e.g. `RemoveField patient.phone`; never SQL or values."""
    words = [getattr(operation, "model_name", None), getattr(operation, "name", None) or getattr(operation, "old_name", None)]
    target = ".".join(str(word) for word in words if word)
    return f"{type(operation).__name__} {target}".strip()
