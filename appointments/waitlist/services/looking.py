"""Is a time free already that somebody waits for? Asked when they join, and when a practitioner's hours change."""

import datetime as dt
from uuid import UUID

from django.db import transaction

from appointments.models import Practitioner
from appointments.plugins.registry import kinds
from appointments.services.availability import free_times_of
from appointments.waitlist.models import Opening, Wish
from appointments.waitlist.ranking import in_order
from appointments.waitlist.services.filling import candidate, note_opening

DAYS = 21  # looked ahead
COLLEAGUES = 20
PEOPLE = 40  # looked after when hours change


@transaction.atomic
def look_for(*, wish_id: UUID, now: dt.datetime) -> None:
    """Note the first free time that suits them as an opening; who gets it is for the ranking to say."""
    wish = Wish.objects.waiting().filter(pk=wish_id).first()
    kind = kinds().get(wish.kind) if wish else None
    if wish is None or kind is None:
        return
    cards = Practitioner.objects.seeing_patients().offering(wish.kind).with_place()
    if wish.practitioner_id:
        cards = cards.filter(pk=wish.practitioner_id)
    if wish.location_id:
        cards = cards.filter(location_id=wish.location_id)
    people = {one.pk: one for one in cards.order_by("next_free_at", "id")[:COLLEAGUES]}
    day = max(wish.from_on, now.date())
    found = free_times_of(
        practitioners=list(people.values()), kind=kind, day=day, days=DAYS, now=now, patient_id=wish.patient_id
    )
    known = set(Opening.objects.filter(state=Opening.State.OPEN).values_list("practitioner_id", "starts_at"))
    free = [
        (slot.starts_at, one, slot.ends_at)
        for one, times in found.items()
        for slot in times
        if wish.fits(slot.starts_at, people[one].place.clock) and (one, slot.starts_at) not in known
    ]
    if free:
        starts_at, practitioner_id, ends_at = min(free)
        note_opening(practitioner_id=practitioner_id, starts_at=starts_at, ends_at=ends_at, now=now)


def look_after(*, practitioner_id: UUID, now: dt.datetime) -> None:
    """A practitioner's hours changed (leave undone, an extra session): look again for those who wait for them, best first."""
    practitioner = Practitioner.objects.with_place().get(pk=practitioner_id)
    today = now.astimezone(practitioner.place.clock).date()
    rows = Wish.objects.waiting().filter(kind__in=practitioner.kinds, until_on__gte=today)
    rows = rows.filter(practitioner=practitioner_id) | rows.filter(practitioner=None)
    for one, _ in in_order((candidate(row) for row in rows), day=today, now=now)[:PEOPLE]:
        look_for(wish_id=one.id, now=now)
