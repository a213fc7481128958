"""What do the demo's charts say? Allergies, conditions, people to call, visits and consents: made up, the same each time."""

import datetime as dt
from collections.abc import Iterator, Sequence
from random import Random
from typing import Any
from uuid import UUID

from healthcare.demo.clinics import DemoClinic
from healthcare.demo.ids import FOUNDED, dice, seeded_id
from patients.models import Allergy, Condition, Consent, Constitution, Contact, Note, Prescription, Visit, Vital

ALLERGIES = (
    ("Penicillin", "rash", "medication", "high"),
    ("Peanuts", "swelling of lips and tongue", "food", "high"),
    ("House dust mite", "sneezing, itching eyes", "environment", "low"),
    ("Latex", "itching, hives", "other", "low"),
)
CONDITIONS = (
    ("Essential hypertension", "I10", "Amlodipine", "5 mg", "once a day"),
    ("Type 2 diabetes mellitus", "E11", "Metformin", "500 mg", "twice a day with meals"),
    ("Asthma", "J45", "Salbutamol inhaler", "100 micrograms", "when needed"),
    ("Migraine", "G43", "Ibuprofen", "400 mg", "at the onset, at most three a day"),
    ("Hypothyroidism", "E03", "Levothyroxine", "75 micrograms", "in the morning, fasting"),
)
ICD = "http://hl7.org/fhir/sid/icd-10"
RELATIONS = ("spouse", "parent", "child", "sibling", "friend")
WORDING = "2026-01"
ORDER = (Allergy, Condition, Contact, Visit, Vital, Note, Prescription, Constitution, Consent)


def write(demo: DemoClinic, charts: Sequence[UUID], by: UUID) -> int:
    """Enter what is not there yet, in bulk; answers how many entries."""
    wanted: dict[Any, list[Any]] = {model: [] for model in ORDER}
    for chart in charts:
        for row in _of_chart(demo, chart, by):
            wanted[type(row)].append(row)
    made = 0
    for model, rows in wanted.items():
        there = set(model.objects.filter(pk__in=[row.pk for row in rows]).values_list("pk", flat=True))
        new = [row for row in rows if row.pk not in there]
        model.objects.bulk_create(new, batch_size=500)
        made += len(new)
    return made


def _of_chart(demo: DemoClinic, chart: UUID, by: UUID) -> Iterator[Any]:
    chance = dice(chart, "chart")

    def entry(model: Any, number: int = 0, **said: Any) -> Any:
        who = {"recorded_by": by, "patient_id": chart}  # the chart's own key is warm: the seed has made it
        return model(id=seeded_id(FOUNDED, demo.slug, model.__name__, chart, number), **who, **said)

    if chance.random() < 0.25:
        substance, reaction, category, criticality = chance.choice(ALLERGIES)
        yield entry(Allergy, substance=substance, reaction=reaction, category=category, criticality=criticality)
    if chance.random() < 0.6:
        phone = f"{demo.phones}{chance.randrange(10**6):0{13 - len(demo.phones)}d}"
        yield entry(Contact, relation=chance.choice(RELATIONS), is_emergency=True, name="Next of kin", phone=phone)
    if chance.random() < 0.3:
        yield from _treated(entry, chance)
    if demo.slug == "ayur" and chance.random() < 0.4:
        vata, pitta = chance.randrange(20, 45), chance.randrange(20, 40)
        yield entry(Constitution, prakriti={"vata": vata, "pitta": pitta, "kapha": 100 - vata - pitta}, agni="samagni")
    if chance.random() < 0.2:
        decision = "given" if chance.random() < 0.8 else "withdrawn"
        yield entry(Consent, purpose="sensitive", decision=decision, wording=WORDING, channel="written", decided_at=FOUNDED)


def _treated(entry: Any, chance: Random) -> Iterator[Any]:
    """A condition, and the visit at which it was looked at."""
    name, code, drug, dose, timing = chance.choice(CONDITIONS)
    at = FOUNDED + dt.timedelta(days=chance.randrange(30, 600), hours=chance.randrange(8))
    yield entry(Condition, name=name, code=code, system=ICD, onset_on=(at - dt.timedelta(days=400)).date())
    visit = entry(Visit, complaint="Review", started_at=at, ended_at=at + dt.timedelta(minutes=15), assessment=name, plan=drug)
    yield visit
    measured = {
        "systolic_pressure": chance.randrange(108, 158),
        "diastolic_pressure": chance.randrange(64, 96),
        "heart_rate": chance.randrange(56, 96),
        "body_weight": chance.randrange(48, 98),
    }
    for number, (sign, value) in enumerate(measured.items()):
        yield entry(Vital, number, sign=sign, value=f"{value}.00", taken_at=at, visit_id=visit.pk)
    yield entry(Note, text=f"{name}, well controlled. Next review in three months.", visit_id=visit.pk)
    yield entry(Prescription, drug=drug, dose=dose, route="oral", timing=timing, starts_on=at.date(), visit_id=visit.pk)
