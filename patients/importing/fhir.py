"""How is a part of a FHIR R4 resource read? Each function takes what was sent, of any type, and gives a value or a Fault."""

import datetime as dt
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.dateparse import parse_datetime

from accounts.identifiers import NotAnIdentifier, plain_phone
from patients.importing.kinds import Fault


def part(said: Any, *path: str | int) -> Any:
    """What lies at a path, or None."""
    for step in path:
        if isinstance(said, dict):
            said = said.get(step)
        elif isinstance(said, list) and isinstance(step, int) and step < len(said):
            said = said[step]
        else:
            return None
    return said


def many(said: Any, name: str) -> list[dict[str, Any]]:
    found = part(said, name)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def text(said: Any, field: str, most: int = 200, *, needed: bool = False) -> str:
    """Text without control characters. Raises Fault required, invalid, max_length."""
    if said is None or said == "":
        if needed:
            raise Fault(field, "required")
        return ""
    if not isinstance(said, str) or any(sign < " " and sign not in "\t\n\r" for sign in said):
        raise Fault(field, "invalid")
    if any("\ud800" <= sign <= "\udfff" for sign in said):
        raise Fault(field, "invalid")
    if len(said.strip()) > most:
        raise Fault(field, "max_length")
    return said.strip()


def day(said: Any, field: str) -> dt.date | None:
    """A full date, or the date of an instant; a year or month alone says too little and is left out. Raises Fault."""
    if not said:
        return None
    told = text(said, field, 40)
    if len(told) in (4, 7):
        return None
    try:
        return dt.date.fromisoformat(told[:10])
    except ValueError:
        raise Fault(field, "invalid") from None


def birthday(said: Any, field: str) -> dt.date | None:
    found = day(said, field)
    if found is not None and not dt.date(1900, 1, 1) <= found <= dt.datetime.now(dt.UTC).date():
        raise Fault(field, "date_of_birth")
    return found


def instant(said: Any, field: str) -> dt.datetime | None:
    """An instant with its offset. Raises Fault."""
    if not said:
        return None
    told = text(said, field, 40)
    try:
        found = parse_datetime(told if "T" in told else f"{told}T00:00:00Z")
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise Fault(field, "invalid")
    return found


def number(said: Any, field: str) -> Decimal:
    try:
        found = Decimal(str(said))
    except InvalidOperation:
        raise Fault(field, "invalid") from None
    if isinstance(said, bool) or not found.is_finite() or abs(found) > 10**6:
        raise Fault(field, "invalid")
    return found


def phone(said: Any, field: str) -> str | None:
    told = text(said, field, 40)
    try:
        return plain_phone(told) if told else None
    except NotAnIdentifier:
        raise Fault(field, "phone") from None


def email(said: Any, field: str) -> str | None:
    told = text(said, field)
    try:
        if told:
            validate_email(told)
    except ValidationError:
        raise Fault(field, "invalid") from None
    return told or None


def coded(said: Any, field: str) -> tuple[str, str, str]:
    """Words, code and system of a CodeableConcept. Raises Fault."""
    coding = part(said, "coding", 0)
    words = part(said, "text") or part(coding, "display") or part(coding, "code")
    return text(words, field, needed=True), text(part(coding, "code"), field, 64), text(part(coding, "system"), field)


def code(said: Any) -> str:
    """The first code of a CodeableConcept."""
    found = part(said, "coding", 0, "code")
    return found if isinstance(found, str) else ""
