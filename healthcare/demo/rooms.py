"""Which rooms and devices does a demo clinic have, and who offers which kinds? Rows by what the house is for."""

from typing import Any, NamedTuple

from django.db import transaction

from appointments.models import Practitioner, Resource
from appointments.plugins.registry import kinds
from clinics.models import Clinic, Location
from healthcare.core.tenancy import on_platform
from healthcare.demo.clinics import AYUR, NORTH, SOUTH, DemoClinic
from healthcare.demo.ids import FOUNDED, seeded_id


class Thing(NamedTuple):
    type: str
    name: str
    kinds: str
    capacity: int = 1


class Offer(NamedTuple):
    """What practitioners of a speciality do beside consultations."""

    profession: str
    kinds: str


THERAPIES = "abhyanga shirodhara panchakarma virechana basti nasya raktamokshana agnikarma viddhakarma"
THINGS = {
    NORTH.name: (
        Thing("room", "Treatment room", "physiotherapy vaccination", 2),
        Thing("room", "Check-up suite", "checkup"),
        Thing("room", "Sampling", "lab_test", 2),
    ),
    SOUTH.name: (
        Thing("room", "Physiotherapy hall", "physiotherapy", 4),
        Thing("room", "Check-up suite", "checkup", 2),
        Thing("room", "Laboratory", "lab_test", 3),
        Thing("room", "X-ray room", "imaging"),
        Thing("device", "X-ray unit", "imaging"),
        Thing("device", "Dental chair", "dental"),
    ),
    AYUR.name: (
        Thing("room", "Therapy room Ashwini", THERAPIES),
        Thing("room", "Therapy room Bharani", THERAPIES),
        Thing("device", "Dhara stand", "shirodhara raktamokshana"),
    ),
}
OFFERS = {
    "General practice": Offer("doctor", "follow_up video vaccination checkup"),
    "General medicine": Offer("doctor", "follow_up video checkup vaccination"),
    "Cardiology": Offer("doctor", "follow_up checkup"),
    "Dermatology": Offer("doctor", "follow_up video"),
    "Physiotherapy": Offer("therapist", "follow_up physiotherapy home_visit"),
    "Kayachikitsa": Offer("doctor", "follow_up nadi_pariksha dosha_analysis agnikarma"),
    "Panchakarma": Offer("doctor", f"follow_up {THERAPIES}"),
    "Viddhakarma": Offer("doctor", "follow_up viddhakarma agnikarma"),
    "Yoga": Offer("therapist", "abhyanga shirodhara"),
    "Urgent care": Offer("doctor", "emergency"),
}


def furnish(demo: DemoClinic, clinic: Clinic) -> int:
    """Rooms, devices and offers that are not there yet; answers how many. What somebody changed of them stays."""
    with on_platform():
        house = Location.objects.get(clinic=clinic, name=demo.name)
    there = set(Resource.objects.values_list("id", flat=True))
    new = [row for thing in THINGS[demo.name] if (row := _thing(demo, thing, house)).id not in there]
    with transaction.atomic():
        Resource.objects.bulk_create(new)
        return len(new) + (sum(map(_offer, Practitioner.objects.filter(kinds=["consultation"]))) if new else 0)


def _thing(demo: DemoClinic, thing: Thing, house: Location) -> Resource:
    known: dict[str, Any] = {"type": thing.type, "name": thing.name, "capacity": thing.capacity, "location_id": house.id}
    return Resource(id=seeded_id(FOUNDED, demo.slug, "thing", thing.name), kinds=_known(thing.kinds), **known)


def _offer(row: Practitioner) -> int:
    if (offer := OFFERS.get(row.speciality)) is None:
        return 0
    row.kinds, row.profession = [*row.kinds, *_known(offer.kinds)], offer.profession
    row.save(update_fields=["kinds", "profession"])
    return 1


def _known(codes: str) -> list[str]:
    return [code for code in codes.split() if code in kinds()]
