"""How do all schemas come up to date while the product serves? Key store, public, template, one clinic as canary, the others.

Nothing runs before every new migration was judged. A kill at any point leaves each schema whole, before or after each of its
migrations; the same command again does the rest.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.core.management.commands.migrate import Command as Migrate
from django.core.management.sql import emit_post_migrate_signal
from django.db import connections, transaction
from psycopg import sql

from clinics import fittings, grants
from clinics.events import MigrationAllowed
from clinics.migrating.dangers import Danger
from clinics.migrating.owed import Owed, survey
from clinics.migrating.report import APPLIED, NOT_TRIED, Outcome, line
from clinics.migrating.workers import migrate_many, migrate_one
from clinics.models import Clinic
from clinics.services.schemas import LOCK, OWNER, app_role, behind, owner_cursor, wait_for_lock
from healthcare.core.context import acting_as
from healthcare.core.db_router import KEYSTORE
from healthcare.core.errors import NotFound, Refused
from healthcare.core.events import publish
from healthcare.core.tenancy import PUBLIC_SCHEMA, TEMPLATE_SCHEMA, on_platform

RUN_LOCK = LOCK + 2  # one run at a time
LONGEST = 3600.0  # seconds to wait for another run
SETTLING = 3.0  # seconds that connections of ended processes take to go
QUIETLY: dict[str, Any] = {"verbosity": 0, "interactive": False, "skip_checks": True}
Say = Callable[[str], None]


class BreaksRunningCode(Refused):
    """A new migration would break the code that serves meanwhile; `dangers` says which and why."""

    code = "breaks_running_code"
    detail = "A new migration breaks running code: split it, or allow it with a reason."

    def __init__(self, dangers: Sequence[Danger], detail: str | None = None) -> None:
        super().__init__(detail)
        self.dangers = list(dangers)


class NoSuchCanary(NotFound):
    code = "canary_unknown"
    detail = "There is no clinic with the canary's slug."


def bring_up_to_date(
    *, say: Say, processes: int = 1, canary: str = "", allowed: Mapping[str, str] | None = None, stopped: bool = False
) -> list[Outcome]:
    """Apply everywhere what is owed; answers each schema that was owed something and what came of it.

    `allowed` maps migrations ("patients.0007") to the reason why running code may be broken; it goes on record. `stopped` says
    that nothing serves; it is looked at. `canary` is the slug of the clinic that goes first. A failure in public, template or
    canary stops the run; later ones don't. Raises BreaksRunningCode and NoSuchCanary before anything has run.
    """
    with _one_run(say) as alone:
        _known(canary)
        with alone(LOCK):  # no clinic is opened from a template in between
            owed = survey()
            accepted = _judge(owed, allowed or {}, stopped)
            outcomes = _frame(owed, accepted, say)
        left, names = behind(), _names()
        outcomes += _clinics(left, names, canary, processes, say) if _all_good(outcomes) else _not_tried(left, names)
    return outcomes


def _judge(owed: Owed, allowed: Mapping[str, str], stopped: bool) -> dict[str, str]:
    """The dangerous migrations with the reasons why they may run all the same."""
    if stopped and owed.dangers:
        if _somebody_serves():
            raise BreaksRunningCode(owed.dangers, "The product is said to be stopped, but has connections open.")
        return {}
    reasons = {danger.migration: _reason(danger.migration, allowed) for danger in owed.dangers}
    if refused := [danger for danger in owed.dangers if not reasons[danger.migration]]:
        raise BreaksRunningCode(refused)
    return reasons


def _reason(migration: str, allowed: Mapping[str, str]) -> str:
    """By full name or by number: `patients.0007` allows `patients.0007_name`."""
    return next((why for name, why in allowed.items() if migration == name or migration.startswith(f"{name}_")), "")


def _somebody_serves() -> bool:
    until = time.monotonic() + SETTLING
    while True:
        with owner_cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_stat_activity WHERE usename = %s AND datname = current_database()", [app_role()])
            if cursor.fetchone() is None:
                return False
        if time.monotonic() > until:
            return True
        connections["default"].close()  # our own does not count
        time.sleep(0.1)


def _put_on_record(accepted: Mapping[str, str]) -> None:
    for migration, reason in accepted.items():
        with on_platform(), transaction.atomic(), acting_as(purpose=reason):
            publish(MigrationAllowed(migration=migration))


def _frame(owed: Owed, accepted: Mapping[str, str], say: Say) -> list[Outcome]:
    """Key store, public and the template, in this order; what the others stand on."""
    trail_changes = any(app in ("core", "monitoring") for app, _ in owed.public)
    if not trail_changes:
        _put_on_record(accepted)
    outcomes = [_keystore(owed, say)] if owed.keystore else []
    if owed.public:
        outcomes.append(_told(migrate_one(PUBLIC_SCHEMA), say))
    if not _all_good(outcomes):
        return outcomes
    _make_public_whole()
    if trail_changes:
        _put_on_record(accepted)  # its tables were not there yet, or not as this code writes them
    if owed.template:
        outcomes.append(_told(migrate_one(TEMPLATE_SCHEMA), say))
    return outcomes


def _keystore(owed: Owed, say: Say) -> Outcome:
    begun = time.monotonic()
    with transaction.atomic(using=KEYSTORE):
        call_command(Migrate(), KEYSTORE, database=KEYSTORE, **QUIETLY)
    done = [f"{app}.{name}" for app, name in owed.keystore]
    return _told(Outcome(KEYSTORE, APPLIED, done, round(time.monotonic() - begun, 3)), say)


def _make_public_whole() -> None:
    """What belongs to public's migrations and has no record of its own: content types, rights, the template's schema."""
    with transaction.atomic(using=OWNER), owner_cursor() as cursor:  # requests never see a right taken and not yet given
        grants.grant_public(cursor, app_role())
        fittings.fit(cursor, PUBLIC_SCHEMA)
        cursor.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(sql.Identifier(TEMPLATE_SCHEMA)))
    wanted = {(model._meta.app_label, model._meta.model_name) for model in apps.get_models()}
    if wanted - set(ContentType.objects.using(OWNER).values_list("app_label", "model")):
        with transaction.atomic(using=OWNER):
            emit_post_migrate_signal(verbosity=0, interactive=False, db=OWNER)


def _clinics(left: list[str], names: Mapping[str, str], canary: str, processes: int, say: Say) -> list[Outcome]:
    first = [schema for schema in left if names.get(schema) == canary] if canary else left[:1]
    others = [schema for schema in left if schema not in first]
    outcomes = [_numbered(migrate_one(schema), names, 1, len(left), say) for schema in first]
    if not _all_good(outcomes):
        say("the canary failed: no other clinic is touched")
        return outcomes + _not_tried(others, names)
    for outcome in migrate_many(others, processes):
        outcomes.append(_numbered(outcome, names, len(outcomes) + 1, len(left), say))
    return outcomes


def _names() -> dict[str, str]:
    return dict(Clinic.objects.using(OWNER).values_list("schema_name", "slug"))


def _known(canary: str) -> None:
    if canary and canary not in _names().values():
        raise NoSuchCanary


def _not_tried(schemas: Sequence[str], names: Mapping[str, str]) -> list[Outcome]:
    return [Outcome(schema, NOT_TRIED, clinic=names.get(schema, "")) for schema in schemas]


def _all_good(outcomes: Sequence[Outcome]) -> bool:
    return all(outcome.good for outcome in outcomes)


def _numbered(outcome: Outcome, names: Mapping[str, str], number: int, total: int, say: Say) -> Outcome:
    named = Outcome(**{**vars(outcome), "clinic": names.get(outcome.schema, "")})
    say(f"{number:>4}/{total}  {line(named)}")
    return named


def _told(outcome: Outcome, say: Say) -> Outcome:
    say(f"{'':>4}  {line(outcome)}")
    return outcome


@contextmanager
def _one_run(say: Say) -> Iterator[Callable[[int], Any]]:
    """One run at a time, held on a connection of its own that no failure elsewhere closes."""
    held: Any = connections.create_connection(OWNER)

    @contextmanager
    def alone(key: int) -> Iterator[None]:
        with held.cursor() as cursor:
            wait_for_lock(cursor, "SELECT pg_try_advisory_lock(%s)", [key], LONGEST, lambda: say("waiting for another run"))
        try:
            yield
        finally:
            with held.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [key])

    try:
        with alone(RUN_LOCK):
            yield alone
    finally:
        held.close()
