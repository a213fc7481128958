"""How do the demo's clinics come to be open, with their locations and the people who see patients?"""

import datetime as dt
from typing import Any
from uuid import UUID

from django.db import transaction

from accounts.models import User
from accounts.roles import Role
from appointments.models import Practitioner, WeeklyTemplate
from appointments.plugins.registry import kinds
from clinics.models import Clinic, Location
from clinics.services.opening import open_clinic, order_clinic
from healthcare.core.tenancy import in_clinic, on_platform
from healthcare.demo.clinics import ROUND_THE_CLOCK, URGENT_CARE, Card, DemoClinic, Hours
from healthcare.demo.ids import FOUNDED, seeded_id

KIND = "consultation"


class NotOurs(Exception):
    """A clinic that the demo did not make has the slug of one of the demo's."""


def open_house(demo: DemoClinic) -> tuple[Clinic, int]:
    """The clinic, open, with its locations; and how many rows that took. Raises NotOurs."""
    with on_platform():
        clinic = Clinic.objects.filter(slug=demo.slug).first()
    if clinic is not None and clinic.id != _clinic_id(demo):
        raise NotOurs(demo.slug)
    made = 0 if clinic else 1
    clinic = clinic or _order(demo)
    if clinic.state == Clinic.State.OPENING:
        clinic = open_clinic(clinic)
    return clinic, made + _locations(demo, clinic)


def practitioners_of(demo: DemoClinic) -> dict[str, Practitioner]:
    """The demo's practitioners in the current clinic, by name, with where they work."""
    ids = [_card_id(demo, card) for card in demo.all_cards]
    return {row.name: row for row in Practitioner.objects.filter(pk__in=ids).with_place()}


def hire(demo: DemoClinic, clinic: Clinic, people: dict[Role, User]) -> int:
    """Cards and weekly hours of those who are not there yet; answers how many."""
    with on_platform():
        places = {row.name: row.id for row in Location.objects.filter(clinic=clinic)}
    with in_clinic(clinic), transaction.atomic():
        there = set(Practitioner.objects.values_list("id", flat=True))
        new = [card for card in demo.all_cards if _card_id(demo, card) not in there]
        Practitioner.objects.bulk_create([_practitioner(demo, card, places, people) for card in new])
        WeeklyTemplate.objects.bulk_create([hours for card in new for hours in _weekly(demo, card)])
    return len(new)


def _order(demo: DemoClinic) -> Clinic:
    terms: dict[str, Any] = {name: getattr(demo, name) for name in ("zone", "currency", "language", "address")}
    terms |= {"languages": demo.languages.split(), "specialities": list(demo.specialities)}
    return order_clinic(id=_clinic_id(demo), slug=demo.slug, name=demo.name, **terms)


def _locations(demo: DemoClinic, clinic: Clinic) -> int:
    """The house itself, as the order made it, gets its hours and place on the map; urgent care is a second location."""
    known: dict[str, Any] = {"address": demo.address, "zone": demo.zone, "latitude": demo.latitude, "longitude": demo.longitude}
    with on_platform(), transaction.atomic():
        if Location.objects.filter(clinic=clinic, name=_urgent_name(demo)).exists():
            return 0
        house = Location.objects.get(clinic=clinic, name=demo.name)
        for name, value in {**known, "hours": _hours(demo.hours)}.items():
            setattr(house, name, value)
        house.save()
        Location(clinic=clinic, name=_urgent_name(demo), hours=_hours(ROUND_THE_CLOCK), **known).save(force_insert=True)
    return 2


def _urgent_name(demo: DemoClinic) -> str:
    return f"{demo.name}: {URGENT_CARE}"


def _hours(hours: Hours) -> list[dict[str, Any]]:
    return [{"weekday": weekday, "opens": opens, "closes": closes} for weekday, opens, closes in hours]


def _practitioner(demo: DemoClinic, card: Card, places: dict[str, Any], people: dict[Role, User]) -> Practitioner:
    urgent = card.speciality == URGENT_CARE
    return Practitioner(
        id=_card_id(demo, card),
        user_id=people[card.login].id if card.login else None,
        name=card.name,
        title=card.title,
        speciality=card.speciality,
        languages=card.languages.split(),
        room=card.room,
        location_id=places[_urgent_name(demo) if urgent else demo.name],
        kinds=[KIND] if KIND in kinds() else [],
        slot_minutes=card.minutes,
        buffer_minutes=None if card.minutes is None else 0,
        notice_minutes=0 if urgent else None,
        horizon_days=30 if urgent else None,
    )


def _weekly(demo: DemoClinic, card: Card) -> list[WeeklyTemplate]:
    at = dt.time.fromisoformat
    return [
        WeeklyTemplate(practitioner_id=_card_id(demo, card), weekday=weekday, opens=at(opens), closes=at(closes))
        for weekday, opens, closes in card.weekly
    ]


def _clinic_id(demo: DemoClinic) -> UUID:
    return seeded_id(FOUNDED, demo.slug, "clinic")


def _card_id(demo: DemoClinic, card: Card) -> UUID:
    return seeded_id(FOUNDED, demo.slug, "card", card.name)
