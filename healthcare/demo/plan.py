"""Who is seen when? The appointments of a day as the demo invents them, from what the slot engine offers."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import groupby
from random import Random
from typing import NamedTuple, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from appointments import slots
from appointments.models import Claim, Practitioner, Priority
from appointments.plugins.registry import kind_named
from appointments.services.availability import free_times
from appointments.services.claims import key
from appointments.slots import Interval
from appointments.workflow import State
from healthcare.demo.clinics import URGENT_CARE, DemoClinic
from healthcare.demo.houses import KIND
from healthcare.demo.ids import dice, seeded_id
from healthcare.demo.people import LINKED, chart_id
from healthcare.demo.words import reasons_of

FULL = (0.5, 0.75)  # how full a practitioner's day is, at least and at most; the rest is there to be booked
URGENT_A_DAY = 3  # visits to each doctor of urgent care; nearly all of their time stays free
STATES = {State.CONFIRMED: 47, State.SCHEDULED: 38, State.PENDING: 6, State.CANCELLED: 9}
PRIORITIES = {Priority.NORMAL: 80, Priority.ROUTINE: 8, Priority.HIGH: 6, Priority.LOW: 4, Priority.URGENT: 2}
AHEAD = dt.timedelta(days=21)  # ids of a day's appointments are of this long before it
DAY, MINUTE = dt.timedelta(days=1), dt.timedelta(minutes=1)
EARLIEST, JUST_NOW = 26 * MINUTE, 8 * MINUTE  # nobody arrives so long before their time; whoever is called now was there before
T = TypeVar("T")


class Planned(NamedTuple):
    """One appointment to be entered: what was agreed, when it was booked, and how it stands (never later than `now`)."""

    id: UUID
    practitioner: Practitioner
    patient_id: UUID
    slot: slots.Slot
    state: State
    priority: str
    reason: str
    booked_at: dt.datetime
    stepped_at: dt.datetime  # when it came to its state

    @property
    def claims(self) -> tuple[slots.Claim, slots.Claim]:
        """What it holds: the practitioner, buffer included, and the patient."""
        return self.slot.claims[0], slots.Claim(key("patient", self.patient_id), 0, Interval(*self.slot[:2]))


class Offer(NamedTuple):
    practitioner: Practitioner
    slot: slots.Slot


def day_id(demo: DemoClinic, day: dt.date, number: int) -> UUID:
    """The id of the day's appointment with this number; from 1000 on, of those that make a queue lively."""
    return seeded_id(_morning(day) - AHEAD + dt.timedelta(milliseconds=number), demo.slug, day, number)


def is_seeded(demo: DemoClinic, row_id: UUID, day: dt.date) -> bool:
    """Was this appointment of that day made here? Its id tells its number, from which the id follows."""
    number = (row_id.int >> 80) - int((_morning(day) - AHEAD).timestamp() * 1000)
    return 0 <= number < 100_000 and day_id(demo, day, number) == row_id


def offered(practitioners: Sequence[Practitioner], days: Sequence[dt.date]) -> dict[dt.date, list[Offer]]:
    """What could have been booked the day before all that, by day, one practitioner after the other."""
    zone, kind, found = practitioners[0].place.clock, kind_named(KIND), defaultdict(list)
    first, number = min(days), (max(days) - min(days)).days + 1
    before = slots.local_days(first, 1, zone).start - DAY
    for who in practitioners:
        for slot in free_times(practitioner=who, kind=kind, day=first, days=number, now=before):
            found[slot.starts_at.astimezone(zone).date()].append(Offer(who, slot))
    return found


def plan_day(
    demo: DemoClinic, day: dt.date, offers: Sequence[Offer], patients: Sequence[UUID], now: dt.datetime
) -> list[Planned]:
    """An ordinary day: nobody comes twice on it, no time that is taken is used."""
    chance = dice(demo.slug, day)
    free = free_patients(patients, slots.local_days(day, 1, ZoneInfo(demo.zone)))
    chosen = [offer for _, theirs in groupby(offers, lambda offer: offer.practitioner) for offer in _some(list(theirs), chance)]
    chance.shuffle(chosen)
    pairs = enumerate(_pairs(demo, day, chosen, free, chance))
    return [planned(demo, day, number, offer, patient, now) for number, (offer, patient) in pairs]


def free_patients(patients: Sequence[UUID], window: Interval) -> list[UUID]:
    """Those who have nothing on that day."""
    held = Claim.objects.filter(resource=Claim.Resource.PATIENT, during__overlap=(window.start, window.end))
    busy = set(held.values_list("resource_id", flat=True))
    return [patient for patient in patients if patient not in busy]


def planned(
    demo: DemoClinic, day: dt.date, number: int, offer: Offer, patient_id: UUID, now: dt.datetime, state: State | None = None
) -> Planned:
    row_id = day_id(demo, day, number)
    chance = dice(row_id)
    start = offer.slot.starts_at
    urgent = offer.practitioner.speciality == URGENT_CARE
    ahead = dt.timedelta(minutes=chance.uniform(35, 90) if urgent else chance.uniform(360, 14_400))
    ago = dt.timedelta(minutes=chance.uniform(12, 40) if urgent else chance.uniform(12, 3_600))
    booked_at = min(start - ahead, now - ago)
    until = min(start - EARLIEST, now - JUST_NOW)  # who comes, comes after that
    return Planned(
        id=row_id,
        practitioner=offer.practitioner,
        patient_id=patient_id,
        slot=offer.slot,
        state=state or drawn(chance, STATES),
        priority=Priority.URGENT if urgent and chance.random() < 0.3 else drawn(chance, PRIORITIES),
        reason=chance.choice(reasons_of(offer.practitioner.speciality)),
        booked_at=booked_at,
        stepped_at=booked_at + (until - booked_at) * chance.uniform(0.1, 0.9),
    )


def drawn(chance: Random, weights: dict[T, int]) -> T:
    """One of them by chance, as often as its weight says."""
    return chance.choices(list(weights), list(weights.values()))[0]


def _some(free: Sequence[Offer], chance: Random) -> Iterator[Offer]:
    """As many of a practitioner's free times as their day shall be full, none of which overlap."""
    urgent = free[0].practitioner.speciality == URGENT_CARE
    share = URGENT_A_DAY / len(free) if urgent else chance.uniform(*FULL)
    until = free[0].slot.claims[0].during.start
    for offer in free:
        during = offer.slot.claims[0].during
        if chance.random() < share and during.start >= until:
            yield offer
            until = during.end


def _pairs(
    demo: DemoClinic, day: dt.date, chosen: list[Offer], free: list[UUID], chance: Random
) -> Iterator[tuple[Offer, UUID]]:
    """Who gets which time. The patient with a login comes to the doctor with a login, on Tuesdays and Thursdays."""
    linked, others = chart_id(demo, LINKED), [patient for patient in free if patient != chart_id(demo, LINKED)]
    chance.shuffle(others)
    others = others[: len(others) * 3 // 5]  # somebody must be left who can be booked
    theirs = next((offer for offer in chosen if offer.practitioner.name == demo.cards[0].name), None)
    if day.weekday() in (1, 3) and linked in free and theirs is not None:
        chosen.remove(theirs)
        yield theirs, linked
    yield from zip(chosen, others, strict=False)


def _morning(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), dt.UTC)
