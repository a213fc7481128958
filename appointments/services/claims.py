"""How is time held and given back? Claims: all that an appointment needs, or none."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from appointments import slots
from appointments.models import Claim

# Everybody takes claims in this order, so nobody waits for somebody who waits for them.
ORDER = {resource: number for number, resource in enumerate(("practitioner", "room", "device", "patient"))}


def rows(appointment_id: UUID, wanted: Iterable[slots.Claim]) -> list[Claim]:
    """The claims as rows, in the order in which they must be taken. Keys of the slot engine are "resource:id"."""
    made = [_row(appointment_id, claim) for claim in wanted]
    return sorted(made, key=lambda row: (ORDER[row.resource], row.resource_id, row.lane))


def hold(wanted: Sequence[Claim]) -> bool:
    """Take all claims; False if a rival has one of them (then the caller rolls back what was taken).

    ON CONFLICT DO NOTHING waits for a rival's transaction and goes on; a plain INSERT on an exclusion constraint deadlocks.
    """
    Claim.objects.bulk_create(wanted, ignore_conflicts=True)
    return held([row.id for row in wanted])


def held(ids: Sequence[UUID]) -> bool:
    return Claim.objects.filter(pk__in=ids).count() == len(ids)


def swap(appointment_id: UUID, wanted: Sequence[Claim]) -> bool:
    """Give back what the appointment holds and take the new claims, resource by resource in the one order."""
    old = Claim.objects.filter(appointment=appointment_id)
    resources = {(ORDER[r], i) for r, i in old.values_list("resource", "resource_id")}
    resources |= {(ORDER[row.resource], row.resource_id) for row in wanted}
    for number, resource_id in sorted(resources):
        old.filter(resource_id=resource_id).delete()
        mine = [row for row in wanted if (ORDER[row.resource], row.resource_id) == (number, resource_id)]
        Claim.objects.bulk_create(mine, ignore_conflicts=True)
    return held([row.id for row in wanted])


def release(appointment_id: UUID) -> None:
    Claim.objects.filter(appointment=appointment_id).delete()


def key(resource: str, resource_id: UUID) -> str:
    return f"{resource}:{resource_id}"


def _row(appointment_id: UUID, claim: slots.Claim) -> Claim:
    resource, _, resource_id = str(claim.resource).partition(":")
    during = DateTimeTZRange(claim.during.start, claim.during.end, "[)")
    return Claim(
        appointment_id=appointment_id, resource=resource, resource_id=UUID(resource_id), lane=claim.lane, during=during
    )
