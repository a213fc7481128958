"""Which clinics does the demo have, and who sees patients there? One row each; everything else is made from these."""

from typing import NamedTuple

from accounts.roles import Role

MONDAY_TO_FRIDAY, MONDAY_TO_SATURDAY, EVERY_DAY = range(5), range(6), range(7)
Hours = tuple[tuple[int, str, str], ...]  # weekday (0 Monday), opens, closes


def _on(days: range, *sessions: tuple[str, str]) -> Hours:
    return tuple((day, opens, closes) for day in days for opens, closes in sessions)


ROUND_THE_CLOCK = _on(EVERY_DAY, ("00:00", "00:00"))
OFFICE = _on(MONDAY_TO_FRIDAY, ("09:00", "13:00"), ("14:00", "17:30"))
EARLY = _on(MONDAY_TO_FRIDAY, ("08:00", "12:00"), ("12:45", "16:00"))
LATE = _on(MONDAY_TO_FRIDAY, ("11:00", "15:00"), ("15:45", "20:00"))
SIX_DAYS = (*_on(MONDAY_TO_FRIDAY, ("09:00", "13:00"), ("14:00", "18:00")), (5, "09:00", "13:00"))
MORNINGS = _on(MONDAY_TO_SATURDAY, ("08:00", "10:30"), ("11:00", "13:00"))


class Card(NamedTuple):
    """A practitioner: the card that patients read and the hours. `login` is the role whose demo person it is.

    `minutes` is the length of a visit, one after the other; None: on the terms of the kind itself, its buffer included.
    """

    name: str
    title: str
    speciality: str
    languages: str
    room: str
    minutes: int | None
    weekly: Hours
    login: Role | None = None


class DemoClinic(NamedTuple):
    """`hours` are those of the house; urgent care has its own location, which never closes."""

    slug: str
    name: str
    zone: str
    currency: str
    language: str
    languages: str
    address: str
    latitude: str
    longitude: str
    specialities: tuple[str, ...]
    hours: Hours
    phones: str  # of patients: a block that belongs to nobody, up to the last four digits
    cultures: tuple[str, ...]  # languages of names that are frequent here
    cards: tuple[Card, ...]
    urgent: tuple[str, ...]  # names of the doctors of urgent care

    @property
    def all_cards(self) -> tuple[Card, ...]:
        return (*self.cards, *(self._urgent(number, name) for number, name in enumerate(self.urgent, start=1)))

    def _urgent(self, number: int, name: str) -> Card:
        return Card(name, "Dr", URGENT_CARE, self.languages, f"U{number}", 10, ROUND_THE_CLOCK)


URGENT_CARE = "Urgent care"

NORTH = DemoClinic(
    slug="north",
    name="Northgate Family Clinic",
    zone="Europe/London",
    currency="GBP",
    language="en",
    languages="en pl hi",
    address="14 Northgate Row, London N1 0XX",
    latitude="51.538900",
    longitude="-0.102600",
    specialities=(
        "General practice",
        "Paediatrics",
        "Women’s health",
        "Cardiology",
        "Dermatology",
        "Physiotherapy",
        URGENT_CARE,
    ),
    hours=(*_on(MONDAY_TO_FRIDAY, ("08:00", "20:00")), (5, "09:00", "13:00")),
    phones="+442079460",
    cultures=("en", "en", "en", "pl", "fr", "en-IN", "yo", "tr", "sv"),
    cards=(
        Card("Eleanor Whitcombe", "Dr", "General practice", "en fr", "1", 15, SIX_DAYS, Role.DOCTOR),
        Card("Tomasz Zieliński", "Dr", "General practice", "en pl", "2", 15, EARLY),
        Card("Amara Okonkwo", "Dr", "Paediatrics", "en yo", "3", 20, OFFICE),
        Card("Siân Prydderch", "Dr", "Women’s health", "en cy", "4", 20, OFFICE),
        Card("Rajesh Iyer", "Dr", "Cardiology", "en hi ta", "5", None, OFFICE),
        Card("Léa Fontaine", "Dr", "Dermatology", "en fr", "6", 20, LATE),
        Card("Hamish Drummond", "Dr", "General practice", "en", "7", 15, LATE),
        Card("Miriam Adler", "Physiotherapist", "Physiotherapy", "en he", "8", 30, SIX_DAYS, Role.THERAPIST),
    ),
    urgent=(
        "Chloe Marchmont",
        "Idris Bellamy",
        "Nadia Farouk",
        "Owen Castellane",
        "Priya Raman",
        "Stellan Grönvall",
        "Zanele Khoza",
        "Victor Almeida",
    ),
)

SOUTH = DemoClinic(
    slug="south",
    name="Southbank Multispeciality Hospital",
    zone="Asia/Kolkata",
    currency="INR",
    language="en",
    languages="en ta hi te",
    address="221 Southbank Road, Chennai 600 028",
    latitude="13.022600",
    longitude="80.269900",
    specialities=(
        "General medicine",
        "Cardiology",
        "Orthopaedics",
        "Paediatrics",
        "Gynaecology",
        "ENT",
        "Neurology",
        "Physiotherapy",
        URGENT_CARE,
    ),
    hours=(*_on(MONDAY_TO_SATURDAY, ("08:00", "20:00")), (6, "09:00", "13:00")),
    phones="+91445551",
    cultures=("ta", "ta", "en-IN", "en-IN", "te", "hi", "ml", "kn", "ur"),
    cards=(
        Card("Kavitha Subramanian", "Dr", "General medicine", "en ta", "101", 15, SIX_DAYS, Role.DOCTOR),
        Card("Arvind Krishnamurthy", "Dr", "Cardiology", "en ta hi", "204", 20, OFFICE),
        Card("Farhan Siddiqui", "Dr", "Orthopaedics", "en hi ur", "117", 20, SIX_DAYS),
        Card("Lakshmi Varadarajan", "Dr", "Paediatrics", "en ta te", "108", 15, EARLY),
        Card("Annamma Kurian", "Dr", "Gynaecology", "en ml ta", "209", 20, OFFICE),
        Card("Sandeep Reddy", "Dr", "ENT", "en te", "112", 15, LATE),
        Card("Nandini Chatterjee", "Dr", "Neurology", "en bn hi", "301", None, OFFICE),
        Card("Joseph Arokiaraj", "Physiotherapist", "Physiotherapy", "en ta", "G3", 30, SIX_DAYS, Role.THERAPIST),
    ),
    urgent=(
        "Deepa Natarajan",
        "Imran Basha",
        "Karthik Elango",
        "Meera Pillai",
        "Prakash Hegde",
        "Revathi Mohan",
        "Suresh Babu",
        "Thomas Chacko",
    ),
)

AYUR = DemoClinic(
    slug="ayur",
    name="Ayur Veda Sadan",
    zone="Asia/Kolkata",
    currency="INR",
    language="en",
    languages="en hi mr",
    address="7 Sadan Lane, Pune 411 004",
    latitude="18.514400",
    longitude="73.841100",
    specialities=("Ayurveda", "Kayachikitsa", "Panchakarma", "Viddhakarma", "Streeroga", "Balaroga", "Yoga", URGENT_CARE),
    hours=_on(MONDAY_TO_SATURDAY, ("07:00", "20:00")),
    phones="+91205552",
    cultures=("mr", "mr", "hi", "hi", "en-IN", "gu", "pa", "bn"),
    cards=(
        Card("Vasudha Kulkarni", "Vaidya", "Kayachikitsa", "en hi mr", "Ashoka", 20, SIX_DAYS, Role.DOCTOR),
        Card("Shridhar Gokhale", "Vaidya", "Panchakarma", "en hi mr", "Bakula", 30, MORNINGS),
        Card("Madhavi Joshi", "Vaidya", "Streeroga", "hi mr", "Champak", 20, OFFICE),
        Card("Om Prakash Tripathi", "Vaidya", "Kayachikitsa", "en hi", "Devdar", 20, LATE),
        Card("Ketaki Bhide", "Vaidya", "Balaroga", "en mr", "Eranda", 15, EARLY),
        Card("Raghunath Apte", "Vaidya", "Viddhakarma", "en hi mr", "Falguni", 20, OFFICE),
        Card("Harsha Patel", "Vaidya", "Panchakarma", "en hi gu", "Gokarna", 30, SIX_DAYS),
        Card("Sunanda More", "Therapist", "Yoga", "hi mr", "Hall 1", 30, SIX_DAYS, Role.THERAPIST),
    ),
    urgent=(
        "Aditi Sathe",
        "Bhushan Kale",
        "Chinmay Dixit",
        "Gauri Phadke",
        "Isha Saxena",
        "Nilesh Jagtap",
        "Pallavi Rane",
        "Yogesh Mishra",
    ),
)

DEMO_CLINICS = (NORTH, SOUTH, AYUR)
