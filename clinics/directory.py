"""Which clinics are looked for? The directory's filters, each a condition; distances on a sphere are good to half a percent."""

import math
from typing import Any

from django.db.models import Exists, F, FloatField, Func, OuterRef, Value
from django.db.models.functions import ACos, Cast, Cos, Greatest, Least, Radians, Sin

from clinics.models import Clinic, ClinicQuerySet, Location

EARTH_KM = 6371.0
DEGREE_KM = EARTH_KM * math.pi / 180


def narrowed(rows: ClinicQuerySet, asked: dict[str, Any]) -> ClinicQuerySet:
    if "name" in asked:
        rows = rows.filter(name__istartswith=asked["name"])
    if "speciality" in asked:
        lowered = Func(
            F("specialities"),
            template="lower(%(expressions)s::text)::jsonb",
            output_field=Clinic._meta.get_field("specialities"),
        )
        rows = rows.annotate(lowered=lowered).filter(lowered__contains=[asked["speciality"].lower()])
    here = Location.objects.filter(clinic=OuterRef("pk"), is_active=True)
    if "city" in asked:
        rows = rows.filter(Exists(here.filter(city__iexact=asked["city"])))
    if asked.get("latitude") is not None:
        rows = rows.filter(Exists(_near(here, asked["latitude"], asked["longitude"], asked["within_km"])))
    return rows


def _near(rows: Any, latitude: float, longitude: float, within_km: float) -> Any:
    """Places within so many kilometres; first by latitude, which a plain comparison narrows."""
    reach = within_km / DEGREE_KM
    rows = rows.filter(latitude__range=(latitude - reach, latitude + reach))
    there, own = Radians(Cast("latitude", FloatField())), Radians(Value(latitude))
    turned = Radians(Cast("longitude", FloatField()) - Value(longitude))
    cosine = Sin(own) * Sin(there) + Cos(own) * Cos(there) * Cos(turned)
    return rows.annotate(km=ACos(Greatest(Least(cosine, Value(1.0)), Value(-1.0))) * Value(EARTH_KM)).filter(km__lte=within_km)
