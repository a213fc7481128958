"""How does a freed time find its next holder? The best of those whom it suits gets it held for minutes; then the next.

Every step is a job under the opening's lock, so a killed worker leaves it as it was; that nobody holds what another holds is
the claims' constraint, `offer_one_holder_of_an_opening` and `offer_one_open_of_a_wish`.
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from uuid import UUID

from django.conf import settings
from django.db import transaction

from appointments import slots
from appointments.models import Practitioner
from appointments.plugins.registry import kinds
from appointments.services.availability import free_times
from appointments.services.holds import hold
from appointments.waitlist.events import WaitlistOffered
from appointments.waitlist.models import Offer, Opening, Wish
from appointments.waitlist.ranking import Candidate, Rank, in_order
from healthcare.core.errors import Refused
from healthcare.core.events import publish
from healthcare.core.jobs import enqueue

TRIED = 100  # candidates of one look; it goes on a little later
LATER = dt.timedelta(minutes=5)


@dataclass
class Times:
    """The opening's practitioner and when each kind could begin in the freed time, read once a kind."""

    opening: Opening
    practitioner: Practitioner
    now: dt.datetime
    known: dict[str, list[slots.Slot]] = field(default_factory=dict)

    def of(self, kind: str) -> list[slots.Slot]:
        if kind not in self.known:
            found = kinds().get(kind)
            day = self.opening.starts_at.astimezone(self.practitioner.place.clock).date()
            ask = {"practitioner": self.practitioner, "day": day, "days": 2, "now": self.now}
            offers = free_times(kind=found, **ask) if found else []  # type: ignore[arg-type]
            self.known[kind] = [s for s in offers if self.opening.starts_at <= s.starts_at < self.opening.ends_at]
        return self.known[kind]


def note_opening(*, practitioner_id: UUID, starts_at: dt.datetime, ends_at: dt.datetime, now: dt.datetime) -> None:
    """A time was freed, inside the caller's transaction. Nothing is noted where nobody waits or the time is past."""
    if starts_at <= now or not Wish.objects.waiting().exists():
        return
    row = Opening(practitioner_id=practitioner_id, starts_at=starts_at, ends_at=ends_at, freed_at=now)
    Opening.objects.bulk_create([row], ignore_conflicts=True)
    for opening_id in Opening.objects.filter(
        practitioner=practitioner_id, starts_at=starts_at, state=Opening.State.OPEN
    ).values_list("id", flat=True):
        next_look(opening_id, offers=Offer.objects.filter(opening=opening_id).count())


def next_look(opening_id: UUID, *, offers: int) -> None:
    enqueue("waitlist.fill", key=f"waitlist.fill:{opening_id}:{offers}", opening_id=opening_id)


@transaction.atomic
def fill(*, opening_id: UUID, now: dt.datetime) -> Offer | None:
    """Offer the time to the best who has not been asked, or close it."""
    opening = Opening.objects.select_for_update(no_key=True).get(pk=opening_id)
    if opening.state != Opening.State.OPEN or opening.offers.filter(state=Offer.State.OPEN).exists():
        return None
    if opening.starts_at <= now:
        close(opening=opening, state=Opening.State.PASSED, now=now)
        return None
    practitioner = Practitioner.objects.with_place().get(pk=opening.practitioner_id)
    times = Times(opening, practitioner, now)
    for number, (wish, why) in enumerate(_candidates(times)):
        if number == TRIED:
            key = f"waitlist.fill:{opening.id}:{int(now.timestamp())}"
            enqueue("waitlist.fill", key=key, after=LATER, opening_id=opening.id)
            return None
        if (offer := _offered(times, wish, why, number)) is not None:
            return offer
    free = any(times.of(kind) for kind in practitioner.kinds)
    close(opening=opening, state=Opening.State.UNWANTED if free else Opening.State.TAKEN, now=now)
    return None


def close(*, opening: Opening, state: Opening.State, now: dt.datetime) -> None:
    """Inside the caller's transaction, which holds its lock."""
    opening.state, opening.closed_at = state, now
    opening.save(update_fields=["state", "closed_at"])


def _candidates(times: Times) -> Iterator[tuple[Wish, Rank]]:
    """Whom it suits and who has not been asked, the best first."""
    opening, zone = times.opening, times.practitioner.place.clock
    day = opening.starts_at.astimezone(zone).date()
    asked = opening.offers.values("wish")
    rows = Wish.objects.for_time(times.practitioner, day).exclude(pk__in=asked).select_related("patient")
    suited = {row.id: row for row in rows if any(row.fits(s.starts_at, zone) for s in times.of(row.kind))}
    for one, why in in_order((candidate(row) for row in suited.values()), day=day, now=times.now):
        yield suited[one.id], why


def candidate(row: Wish) -> Candidate:
    by_name = row.practitioner_id is not None
    return Candidate(row.id, row.urgency, row.joined_at, row.from_on, row.until_on, by_name)


def _offered(times: Times, wish: Wish, why: Rank, before: int) -> Offer | None:
    """Hold the first start that suits them; None where they can't have it after all. A refusal leaves no lock behind."""
    zone = times.practitioner.place.clock
    for slot in times.of(wish.kind):
        if not wish.fits(slot.starts_at, zone):
            continue
        try:
            with transaction.atomic():
                return _held(times, wish, slot, why, before)
        except Refused:
            continue
    return None


class NoLongerWaits(Refused):
    code = "no_longer_waits"


def _held(times: Times, wish: Wish, slot: slots.Slot, why: Rank, before: int) -> Offer:
    row = Wish.objects.waiting().select_for_update(no_key=True).filter(pk=wish.pk).first()
    if row is None:
        raise NoLongerWaits
    lasting = min(dt.timedelta(seconds=settings.WAITLIST_HOLD), slot.starts_at - times.now)
    appointment = hold(
        kind=wish.kind, patient=wish.patient, practitioner=times.practitioner, starts_at=slot.starts_at, by=None,
        now=times.now, lasting=lasting, priority=wish.urgency, search=False,
    )  # fmt: skip
    row.state = Wish.State.OFFERED
    row.save(update_fields=["state"])
    offer = Offer(
        wish=row, opening=times.opening, appointment=appointment, rank={**why.facts, "better_placed": before},
        made_at=times.now, expires_at=times.now + lasting,
    )  # fmt: skip
    offer.save(force_insert=True)
    publish(WaitlistOffered(offer_id=offer.id, wish_id=row.id, appointment_id=appointment.id))
    return offer
