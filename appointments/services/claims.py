"""How is time held and given back? Claims: all that is needed, or none; for one appointment or for many."""

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from django.db import IntegrityError, OperationalError, connection, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from appointments import slots
from appointments.models import Claim, Practitioner, Resource
from healthcare.core import turns
from healthcare.core.errors import violated
from patients.models import Patient

# Everybody takes claims in this order, so nobody waits for somebody who waits for them.
ORDER = {name: number for number, name in enumerate(("practitioner", "room", "device", "seat", "quota", "patient"))}
TWO_CLINICS = "busy_nobody_in_two_clinics"
DEADLOCK = "40P01"
TAKE = """
INSERT INTO appointments_claim (id, appointment_id, group_id, resource, resource_id, lane, during, expires_at)
SELECT id, appointment_id, group_id, resource, resource_id, lane, tstzrange(since, until), expires_at
FROM (SELECT count(pg_advisory_xact_lock_shared(%s, hashtext(who::text))) FROM unnest(%s::uuid[]) who) let_in,
  unnest(%s::uuid[], %s::uuid[], %s::uuid[], %s::text[], %s::uuid[], %s::smallint[], %s::timestamptz[], %s::timestamptz[],
  %s::timestamptz[]) WITH ORDINALITY
  AS wanted(id, appointment_id, group_id, resource, resource_id, lane, since, until, expires_at, place)
ORDER BY place ON CONFLICT DO NOTHING RETURNING id
"""

# Whoever takes one of them away does so by the same clock (trigger `outlives_holds`) and under its lock: all or none are ours.
KEEP = """
WITH mine AS (SELECT id FROM appointments_claim WHERE appointment_id = %s), kept AS (
  UPDATE appointments_claim c SET expires_at = NULL FROM mine
  WHERE c.id = mine.id AND (c.expires_at IS NULL OR c.expires_at > clock_timestamp()) RETURNING 1
) SELECT 1 FROM mine HAVING count(*) > 0 AND count(*) = (SELECT count(*) FROM kept)
"""


class Lost(Exception):
    """A rival has one of the claims. What was written since the last savepoint must be rolled back."""


class Outdated(Lost):
    """The practitioner's hours are others than those that were judged by."""


def rows(
    appointment_id: UUID | None,
    wanted: Iterable[slots.Claim],
    *,
    expires_at: dt.datetime | None = None,
    group_id: UUID | None = None,
) -> list[Claim]:
    """The claims as rows, in the order in which they must be taken. Keys of the slot engine are "resource:id"."""
    made = [_row(appointment_id, claim) for claim in wanted]
    for row in made:
        row.expires_at, row.group_id = expires_at, group_id
    return in_order(made)


def in_order(wanted: Iterable[Claim]) -> list[Claim]:
    return sorted(wanted, key=lambda row: (ORDER[row.resource], row.resource_id, row.lane, row.during.lower))


def take(wanted: Iterable[Claim], *, beside: Iterable[UUID] = ()) -> set[UUID]:
    """Take claims of any number of appointments in one statement; answers the ids of those that are held now.

    Sorted here, so callers give them in any order. ON CONFLICT DO NOTHING waits for a rival's transaction and goes on; a
    plain INSERT on an exclusion constraint deadlocks. Holds that have run out make room. Who needs all of them compares, and
    rolls back to a savepoint (`held_or_lost`). `beside`: practitioners whose leaves wait for us, and we for them, as we have
    not queued up. Raises IntegrityError `busy_nobody_in_two_clinics` if a practitioner has work in another clinic then.
    """
    ordered = in_order(wanted)
    if not ordered:
        return set()
    columns: list[list[Any]] = [
        [row.id for row in ordered],
        [row.appointment_id for row in ordered],
        [row.group_id for row in ordered],
        [str(row.resource) for row in ordered],
        [row.resource_id for row in ordered],
        [row.lane for row in ordered],
        [row.during.lower for row in ordered],
        [row.during.upper for row in ordered],
        [row.expires_at for row in ordered],
    ]
    with connection.cursor() as cursor:
        cursor.execute(TAKE, [turns.LEAVES, list(beside), *columns])
        return {claim_id for (claim_id,) in cursor.fetchall()}


@contextmanager
def held_or_lost() -> Iterator[None]:
    """A transaction (or savepoint) for taking claims: work in another clinic is a lost race like any other, and so is a
    deadlock with somebody whose locks we could not foresee. Raises Lost."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        if violated(error) != TWO_CLINICS:
            raise
        raise Lost from None
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", None) != DEADLOCK:
            raise
        raise Lost from None


def hold(wanted: Sequence[Claim]) -> None:
    """Take all claims. Raises Lost if a rival has one of them."""
    if len(take(wanted)) < len(wanted):
        raise Lost


def hold_beside_leaves(wanted: Sequence[Claim], practitioner: Practitioner) -> None:
    """Take all claims for who was judged without having queued up. Raises Lost; Outdated where the hours are others since: a
    leave that was entered meanwhile has not seen these claims, nor have we seen it."""
    if len(take(wanted, beside=[practitioner.pk])) < len(wanted):
        raise Lost
    if not Practitioner.objects.filter(pk=practitioner.pk, version=practitioner.version).exists():
        raise Outdated


def let_nobody_book(practitioner_id: UUID) -> None:
    """Until the end of the transaction. Those who are at it are waited for; who queues up is not kept: lock their rows, too."""
    turns.wait(turns.LEAVES, str(practitioner_id))


def swap(appointment_ids: Sequence[UUID], wanted: Sequence[Claim]) -> None:
    """Give back what the appointments hold and take the new claims, resource by resource in the one order. Raises Lost.

    Who swaps has called `queue_up` first.
    """
    old = Claim.objects.filter(appointment__in=appointment_ids)
    resources = {(ORDER[r], i) for r, i in old.values_list("resource", "resource_id")}
    resources |= {(ORDER[row.resource], row.resource_id) for row in wanted}
    for number, resource_id in sorted(resources):
        old.filter(resource_id=resource_id).delete()
        hold([row for row in wanted if (ORDER[row.resource], row.resource_id) == (number, resource_id)])


def queue_up(*, practitioners: Iterable[UUID], patients: Iterable[UUID], resources: Iterable[UUID] = ()) -> None:
    """Who moves claims, or takes many, waits here for others who do: practitioners first, then patients, rooms and devices.

    Two that move into each other's time would else wait for each other's old claims.
    """
    for model, ids in ((Practitioner, practitioners), (Patient, patients), (Resource, resources)):
        if wanted := set(ids):
            locked: Any = model._default_manager.filter(pk__in=wanted).order_by("pk").select_for_update(no_key=True)
            list(locked.values_list("pk"))


def keep(appointment_id: UUID) -> bool:
    """Make a hold's claims stay for good; False if it has run out, also if a rival has taken one of them in its last moment."""
    with connection.cursor() as cursor:
        cursor.execute(KEEP, [appointment_id])
        return cursor.fetchone() is not None


def things(wanted: Iterable[Claim]) -> list[UUID]:
    """The rooms and devices among the claims."""
    return [row.resource_id for row in wanted if row.resource in ("room", "device")]


def release(appointment_id: UUID) -> None:
    Claim.objects.filter(appointment=appointment_id).delete()


def key(resource: str, resource_id: UUID) -> str:
    return f"{resource}:{resource_id}"


def _row(appointment_id: UUID | None, claim: slots.Claim) -> Claim:
    resource, _, resource_id = str(claim.resource).partition(":")
    during = DateTimeTZRange(claim.during.start, claim.during.end, "[)")
    return Claim(
        appointment_id=appointment_id, resource=resource, resource_id=UUID(resource_id), lane=claim.lane, during=during
    )
