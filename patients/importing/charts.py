"""How do charts and their clinical entries come in? Patient (CSV and FHIR), AllergyIntolerance, Condition, Observation."""

from typing import Any
from uuid import UUID

from patients import numbers, vitals
from patients.importing import fhir
from patients.importing.fhir import coded, many, part, text
from patients.importing.kinds import Fault, Known, Make, importer
from patients.importing.source import Row
from patients.models import Allergy, Condition, Identifier, Patient
from patients.sections import SECTIONS
from patients.services import charts, entries
from patients.services.duplicates import refuse_likely

SEX = {"female": "female", "male": "male", "other": "other", "unknown": "unknown", "f": "female", "m": "male", "": "unknown"}
SYSTEMS = {
    "https://healthid.abdm.gov.in": "abha",
    "https://healthid.ndhm.gov.in": "abha",
    "https://fhir.nhs.uk/Id/nhs-number": "nhs",
    "https://uidai.gov.in": "aadhaar",
}
PANEL = "85354-9"  # blood pressure: its two components are the signs


@importer("Patient")
def patient(row: Row, known: Known) -> Make:
    told = _of_csv(row.said) if known.form == "csv" else _of_fhir(row.said)
    ids = told.pop("identifiers")
    refuse_likely(by=known.by, **told)

    def make() -> UUID:
        chart = charts.enter_patient(by=known.by, **told)
        for one in ids:
            entries.enter(patient=chart, section=SECTIONS["identifiers"], by=known.by, **one)
        return chart.pk

    return make


@importer("AllergyIntolerance")
def allergy(row: Row, known: Known) -> Make:
    substance, code, system = coded(part(row.said, "code"), "code")
    reaction = part(row.said, "reaction", 0, "manifestation", 0)
    category = part(row.said, "category", 0)
    criticality = part(row.said, "criticality")
    return _entry(
        row,
        known,
        "patient",
        "allergies",
        substance=substance,
        code=code,
        system=system,
        reaction=coded(reaction, "reaction")[0] if reaction else "",
        category=category if category in Allergy.Category.values else Allergy.Category.OTHER,
        criticality=criticality if criticality in Allergy.Criticality.values else Allergy.Criticality.UNKNOWN,
        is_active=fhir.code(part(row.said, "clinicalStatus")) not in ("inactive", "resolved"),
    )


@importer("Condition")
def condition(row: Row, known: Known) -> Make:
    name, code, system = coded(part(row.said, "code"), "code")
    status = {"inactive": "resolved", "relapse": "recurrence"}.get(found := fhir.code(part(row.said, "clinicalStatus")), found)
    return _entry(
        row,
        known,
        "subject",
        "conditions",
        name=name,
        code=code,
        system=system,
        status=status if status in Condition.Status.values else Condition.Status.ACTIVE,
        onset_on=fhir.day(part(row.said, "onsetDateTime"), "onsetDateTime"),
        ended_on=fhir.day(part(row.said, "abatementDateTime"), "abatementDateTime"),
        note=text(part(row.said, "note", 0, "text"), "note", 20_000),
    )


@importer("Observation")
def observation(row: Row, known: Known) -> Make:
    """A vital sign, or a blood pressure's two; another observation is not taken."""
    chart = known.find("Patient", part(row.said, "subject", "reference"), "subject")
    measured = [_measured(one) for one in (many(row.said, "component") if _loinc(row.said) == PANEL else [row.said])]
    at = fhir.instant(part(row.said, "effectiveDateTime"), "effectiveDateTime")
    if not measured:
        raise Fault("component", "required")

    def make() -> UUID:
        when = {"taken_at": at} if at else {}
        target = Patient.objects.get(pk=chart)
        made = [entries.enter(patient=target, section=SECTIONS["vitals"], by=known.by, **one, **when) for one in measured]
        return made[0].pk

    return make


def _measured(said: dict[str, Any]) -> dict[str, str]:
    sign = vitals.BY_LOINC.get(_loinc(said))
    if sign is None:
        raise Fault("code", "unsupported_code")
    quantity = part(said, "valueQuantity")
    unit = text(part(quantity, "code") or part(quantity, "unit"), "valueQuantity", 20)
    try:
        value = vitals.in_own_unit(sign, fhir.number(part(quantity, "value"), "valueQuantity"), unit)
    except KeyError:
        raise Fault("valueQuantity", "unit") from None
    except vitals.OutOfRange:
        raise Fault("valueQuantity", "out_of_range") from None
    return {"sign": sign, "value": str(value)}


def _loinc(said: dict[str, Any]) -> str:
    codings = part(said, "code", "coding")
    found = [one.get("code") for one in codings if isinstance(one, dict)] if isinstance(codings, list) else []
    return next((one for one in found if one in vitals.BY_LOINC or one == PANEL), "")


def _entry(row: Row, known: Known, who: str, section: str, **said: Any) -> Make:
    chart = known.find("Patient", part(row.said, who, "reference"), who)

    def make() -> UUID:
        target = Patient.objects.get(pk=chart)
        return entries.enter(patient=target, section=SECTIONS[section], by=known.by, **said).pk

    return make


def _of_fhir(said: dict[str, Any]) -> dict[str, Any]:
    names = many(said, "name")
    name = next((one for one in names if one.get("use") == "official"), names[0] if names else {})
    given = part(name, "given")
    first = " ".join(one for one in given if isinstance(one, str)) if isinstance(given, list) else part(name, "text")
    telecom = {one.get("system"): one.get("value") for one in reversed(many(said, "telecom"))}
    return {
        "first_name": text(first or part(name, "text"), "name.given", 100, needed=True),
        "last_name": text(part(name, "family"), "name.family", 100),
        "date_of_birth": fhir.birthday(part(said, "birthDate"), "birthDate"),
        "sex": _sex(part(said, "gender"), "gender"),
        "phone": fhir.phone(telecom.get("phone"), "telecom"),
        "email": fhir.email(telecom.get("email"), "telecom"),
        "language": _language(part(said, "communication", 0, "language")),
        "identifiers": [
            _identifier(SYSTEMS.get(str(one.get("system")), "other"), one.get("value")) for one in many(said, "identifier")
        ],
    }


def _of_csv(said: dict[str, str]) -> dict[str, Any]:
    ids = [(kind, said[kind]) for kind in Identifier.Kind.values if said.get(kind)]
    return {
        "first_name": text(said.get("first_name"), "first_name", 100, needed=True),
        "last_name": text(said.get("last_name"), "last_name", 100),
        "date_of_birth": fhir.birthday(said.get("date_of_birth"), "date_of_birth"),
        "sex": _sex(said.get("sex", ""), "sex"),
        "phone": fhir.phone(said.get("phone"), "phone"),
        "email": fhir.email(said.get("email"), "email"),
        "language": said.get("language", "").lower()[:10] or "en",
        "identifiers": [_identifier(kind, value) for kind, value in ids],
    }


def _sex(said: Any, field: str) -> str:
    found = SEX.get(str(said or "").strip().lower())
    if found is None:
        raise Fault(field, "invalid_choice")
    return found


def _language(said: Any) -> str:
    found = fhir.code(said).lower()
    return found if found.replace("-", "").isalnum() and 2 <= len(found) <= 10 else "en"


def _identifier(kind: str, value: Any) -> dict[str, str]:
    number = numbers.plain(text(value, "identifier", 64, needed=True))
    if not numbers.fits(kind, number):
        raise Fault("identifier", "check_digits")
    return {"kind": kind, "value": number}
