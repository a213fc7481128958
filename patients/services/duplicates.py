"""Is this person in a chart already? Candidates by index, weighed by what agrees; told before a second chart is made."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from django.db.models import Q

from accounts.membership import Member
from healthcare.core.errors import Reason, Refused
from healthcare.core.fields import blind_of, warm
from healthcare.core.prefix_index import sought
from patients import names
from patients.models import Patient

# what agrees → how much it says; two people of one household share a phone, a name and a birthday are rarely shared
WEIGHTS = {"name": 40, "part_of_name": 20, "date_of_birth": 35, "phone": 35, "email": 40}
LIKELY = 70
MOST = 5  # candidates named


class Candidate(NamedTuple):
    patient: Patient
    score: int  # 0 to 100
    reasons: tuple[str, ...]


class LikelyDuplicate(Refused):
    code = "likely_duplicate"
    detail = "This person may have a chart already. Look at the candidates, or say why it is another person."


def refuse_likely(*, by: Member, **known: Any) -> None:
    """Raises LikelyDuplicate, with the candidates that the caller may see as alternatives (ids and scores, no names)."""
    found = likely(**known)
    if not found:
        return
    ids = [one.patient.pk for one in found]
    seen = set(Patient.objects.visible_to(by, "patient.view").filter(pk__in=ids).values_list("pk", flat=True))
    told = [
        {"patient": str(one.patient.pk), "mrn": one.patient.mrn, "score": one.score, "reasons": list(one.reasons)}
        for one in found
        if one.patient.pk in seen
    ]
    codes = sorted({reason for one in found for reason in one.reasons})
    raise LikelyDuplicate(reasons=[Reason(f"same_{code}", f"Agrees: {code}.") for code in codes], alternatives=told)


def likely(**known: Any) -> list[Candidate]:
    """The charts that are likely this person's, the likeliest first. `known` is what a new chart would say."""
    rows = list(Patient.objects.living().filter(_agrees(known))[:50])
    warm(rows)
    weighed = (weigh(row, known) for row in rows)
    return sorted((one for one in weighed if one.score >= LIKELY), key=lambda one: -one.score)[:MOST]


def weigh(row: Patient, known: dict[str, Any]) -> Candidate:
    reasons = tuple(_reasons(row, known))
    return Candidate(row, min(100, sum(WEIGHTS[reason] for reason in reasons)), reasons)


def _reasons(row: Patient, known: dict[str, Any]) -> Iterable[str]:
    theirs = set(names.words(row.first_name, row.last_name))
    ours = set(names.words(known.get("first_name"), known.get("last_name")))
    if theirs & ours:
        yield "name" if theirs == ours else "part_of_name"
    for field in ("date_of_birth", "phone", "email"):
        value = known.get(field)
        if value and _plain(field, getattr(row, field)) == _plain(field, value):
            yield field


def _plain(field: str, value: Any) -> Any:
    return Patient.plain_email(value) if field == "email" and value else value


def _agrees(known: dict[str, Any]) -> Q:
    """Phone or email, or the birthday with a word of the name."""
    scope = Patient().index_scope()
    found = Q(pk__in=[])
    for field, index in (("phone", "phone_index"), ("email", "email_index")):
        if known.get(field):
            found |= Q(**{index: blind_of(Patient, index, known[field], scope)})
    words = sought(Patient, "name_index", names.words(known.get("first_name"), known.get("last_name")), scope)
    if words and known.get("date_of_birth"):
        born = blind_of(Patient, "birth_index", known["date_of_birth"], scope)
        found |= Q(birth_index=born, name_index__overlap=[word.whole for word in words])
    return found
