"""Which vital signs are there, in which unit, within which bounds? One row a sign: LOINC code, UCUM unit, possible range.

The range is what a living person can have at all (a typing error is refused), not what is healthy. Codes and units are those
of FHIR's vital signs profiles (hl7.org/fhir/R4/observation-vitalsigns.html).
"""

from decimal import Decimal
from typing import NamedTuple


class Sign(NamedTuple):
    loinc: str
    unit: str  # UCUM
    least: Decimal
    most: Decimal
    also: dict[str, tuple[Decimal, Decimal]] = {}  # other unit -> (factor, addend) that lead to `unit`


def _sign(loinc: str, unit: str, least: str, most: str, **also: tuple[str, str]) -> Sign:
    others = {UNITS[name]: (Decimal(factor), Decimal(addend)) for name, (factor, addend) in also.items()}
    return Sign(loinc, unit, Decimal(least), Decimal(most), others)


UNITS = {"fahrenheit": "[degF]", "pounds": "[lb_av]", "inches": "[in_i]", "grams": "g", "metres": "m", "mmol": "mmol/L"}
SIGNS: dict[str, Sign] = {
    "heart_rate": _sign("8867-4", "/min", "10", "400"),
    "respiratory_rate": _sign("9279-1", "/min", "2", "120"),
    "body_temperature": _sign("8310-5", "Cel", "20", "46", fahrenheit=("0.5555555556", "-17.7777777778")),
    "systolic_pressure": _sign("8480-6", "mm[Hg]", "30", "320"),
    "diastolic_pressure": _sign("8462-4", "mm[Hg]", "10", "220"),
    "oxygen_saturation": _sign("2708-6", "%", "20", "100"),
    "body_weight": _sign("29463-7", "kg", "0.2", "700", pounds=("0.45359237", "0"), grams=("0.001", "0")),
    "body_height": _sign("8302-2", "cm", "20", "280", inches=("2.54", "0"), metres=("100", "0")),
    "body_mass_index": _sign("39156-5", "kg/m2", "4", "150"),
    "head_circumference": _sign("9843-4", "cm", "15", "80", inches=("2.54", "0")),
    "blood_glucose": _sign("2339-0", "mg/dL", "5", "2500", mmol=("18.016", "0")),
    "pain_score": _sign("72514-3", "{score}", "0", "10"),
}
BY_LOINC = {sign.loinc: name for name, sign in SIGNS.items()} | {"59408-5": "oxygen_saturation", "15074-8": "blood_glucose"}
PLACES = Decimal("0.01")


class OutOfRange(ValueError):
    """No living person has this value: the number or its unit is wrong."""


def in_own_unit(name: str, value: Decimal, unit: str | None = None) -> Decimal:
    """The value in the sign's own unit, two decimals. Raises KeyError (sign, unit unknown), OutOfRange."""
    sign = SIGNS[name]
    if unit not in (None, "", sign.unit):
        factor, addend = sign.also[unit]  # type: ignore[index]
        value = value * factor + addend
    if not sign.least <= value <= sign.most:
        raise OutOfRange(name)
    return value.quantize(PLACES)
