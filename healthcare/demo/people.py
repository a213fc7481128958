"""Who works in the demo's clinics, and who are their patients? A login for each role; charts with names of many scripts."""

import datetime as dt
from collections.abc import Callable, Sequence
from random import Random
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.db.models import F, Func

from accounts.models import Membership, User
from accounts.roles import PLATFORM_ROLES, Role
from clinics.models import Clinic
from healthcare.core.crypto import PLATFORM, Unreadable, patient_scope
from healthcare.core.fields import blind_of
from healthcare.core.keystore import keys
from healthcare.core.tenancy import in_clinic, on_platform
from healthcare.demo.clinics import DemoClinic
from healthcare.demo.ids import FOUNDED, dice, seeded_id
from healthcare.demo.names import CULTURES, Culture
from patients.models import Patient
from patients.services.charts import ALPHABET

BORN = ((12, 16), (6, 24), (30, 65), (34, 90))  # weight of each share of ages, and the oldest in it
NEWBORN = dt.date(2024, 12, 1)  # nobody is born after it, so that a birthday does not depend on the day of the seed
LINKED = 0  # the number of the chart that belongs to the patient with a login


def login_of(role: Role, demo: DemoClinic) -> str:
    return f"{role}@{demo.slug}.example"


def employ(demo: DemoClinic, clinic: Clinic, hashed: Callable[[], str]) -> tuple[dict[Role, User], int]:
    """The person of each role, and how many are new."""
    emails = {login_of(role, demo): role for role in Role}
    digests = {blind_of(User, "email_index", email, PLATFORM): role for email, role in emails.items()}
    with on_platform(), transaction.atomic():
        people = {digests[bytes(user.email_index)]: user for user in User.objects.filter(email_index__in=digests)}
        new = {role: _user(demo, role, email, hashed()) for email, role in emails.items() if role not in people}
        User.objects.bulk_create(new.values())
        people |= new
        Membership.objects.bulk_create([_grant(clinic, role, people) for role in new], ignore_conflicts=True)
    return people, len(new)


def password() -> str:
    """The demo's password, hashed once for all: Argon2 takes its time, and all of these are the same person's anyway."""
    return make_password(settings.DEMO_PASSWORD)


def enrol(demo: DemoClinic, clinic: Clinic, people: dict[Role, User], count: int) -> int:
    """Charts that are not there yet; answers how many."""
    wanted = {chart_id(demo, number): number for number in range(count)}
    with in_clinic(clinic):
        there = set(Patient.objects.filter(pk__in=wanted).values_list("id", flat=True))
        new = {chart_id: number for chart_id, number in wanted.items() if chart_id not in there}
        scopes = [patient_scope(clinic.id, chart_id) for chart_id in new]
        keys.make_many(scopes)
        keys.warm(scopes)
        with transaction.atomic():
            Patient.objects.bulk_create([_chart(demo, number, people) for number in new.values()], batch_size=500)
            since = Func(F("id"), function="uuid_extract_timestamp")
            Patient.objects.filter(pk__in=new).update(created_at=since)
    return len(new)


def patients_of(demo: DemoClinic, clinic: Clinic, count: int) -> list[UUID]:
    """The demo's charts that are there and whose key still opens them, by number."""
    ids = [chart_id(demo, number) for number in range(count)]
    there = set(Patient.objects.filter(pk__in=ids).values_list("id", flat=True))
    keys.warm(patient_scope(clinic.id, chart_id) for chart_id in there)
    return [chart_id for chart_id in ids if chart_id in there and _has_key(clinic, chart_id)]


def _has_key(clinic: Clinic, chart_id: UUID) -> bool:
    try:
        keys.newest(patient_scope(clinic.id, chart_id))
    except Unreadable:
        return False
    return True


def _user(demo: DemoClinic, role: Role, email: str, hashed: str) -> User:
    first, last = _staff_name(demo, role)
    language = _culture(demo, LINKED).language if role == Role.PATIENT else demo.language
    known = {"first_name": first, "last_name": last, "email": email, "language": language, "zone": demo.zone}
    return User(id=seeded_id(FOUNDED, demo.slug, "login", role), password=hashed, **known)


def _staff_name(demo: DemoClinic, role: Role) -> tuple[str, str]:
    if role == Role.PATIENT:
        chart = _chart(demo, LINKED, {})
        return chart.first_name, chart.last_name
    if card := next((card for card in demo.cards if card.login == role), None):
        first, _, last = card.name.partition(" ")
        return first, last
    chance = dice(demo.slug, role)
    culture = next(c for c in CULTURES if c.language == ("en" if demo.slug == "north" else "en-IN"))
    return chance.choice(culture.women + culture.men), chance.choice(culture.families)


def _grant(clinic: Clinic, role: Role, people: dict[Role, User]) -> Membership:
    where = None if role in PLATFORM_ROLES else clinic.id
    by = None if role in (Role.SUPER_ADMIN, Role.PATIENT) else people[Role.SUPER_ADMIN]
    return Membership(user=people[role], clinic_id=where, role=role, granted_by=by, granted_at=FOUNDED)


def chart_id(demo: DemoClinic, number: int) -> UUID:
    enrolled = FOUNDED + dt.timedelta(hours=20 * number, seconds=number * 37 % 3600)
    return seeded_id(enrolled, demo.slug, "chart", number)


def _chart(demo: DemoClinic, number: int, people: dict[Role, User]) -> Patient:
    chance = dice(demo.slug, "chart", number)
    culture = _culture(demo, number)
    sex = chance.choices((Patient.Sex.FEMALE, Patient.Sex.MALE, Patient.Sex.OTHER), (51, 48, 1))[0]
    given = {Patient.Sex.FEMALE: culture.women, Patient.Sex.MALE: culture.men}.get(sex, culture.women + culture.men)
    born = NEWBORN - dt.timedelta(days=_age_in_days(chance))
    own = people.get(Role.PATIENT) if number == LINKED else None
    known: dict[str, Any] = {
        "user_id": own.id if own else None,
        "date_of_birth": born,
        "sex": sex,
        "language": culture.language,
    }
    return Patient(
        id=chart_id(demo, number),
        mrn=_mrn(chance),
        first_name=chance.choice(given),
        last_name=chance.choice(culture.families),
        phone=f"{demo.phones}{number:0{13 - len(demo.phones)}d}",
        email=_email(demo, number, born),
        **known,
    )


def _culture(demo: DemoClinic, number: int) -> Culture:
    """Everybody once, so that a small demo has many scripts too; then mostly those who live around here."""
    if number < len(CULTURES):
        return CULTURES[number]
    chance = dice(demo.slug, "culture", number)
    frequent = [culture for culture in CULTURES if culture.language in demo.cultures]
    return chance.choice(frequent if chance.random() < 0.7 else CULTURES)


def _age_in_days(chance: Random) -> int:
    shares: Sequence[tuple[int, int]] = BORN
    place = chance.choices(range(len(shares)), [weight for weight, _ in shares])[0]
    youngest = shares[place - 1][1] if place else 0
    years = chance.uniform(youngest, shares[place][1])
    return int(years * 365.25)


def _mrn(chance: Random) -> str:
    text = "".join(chance.choices(ALPHABET, k=8))
    return f"{text[:4]}-{text[4:]}"


def _email(demo: DemoClinic, number: int, born: dt.date) -> str | None:
    if number == LINKED:
        return login_of(Role.PATIENT, demo)
    child = NEWBORN.year - born.year < 13
    return None if child else f"p{number:04d}@people.{demo.slug}.example"
