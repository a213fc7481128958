"""What do the triggers need to know of a table? Its model's label, which columns are shown, left out, and whose row it is.

Made from the models and `masks.py`; brought to the database as one function (`triggers.py`). A column that the policy does
not know (it is newer than the function, or older) is masked.
"""

import json
from typing import Any

from django.db.models import Model
from django.db.models.fields.related import ForeignKey

from monitoring.trail.masks import looked_at, shown
from monitoring.trail.registry import audited_models

PATIENT = "patients.patient"
CLINIC = "clinics.clinic"


def policies() -> dict[str, dict[str, Any]]:
    """Table → policy, for every audited model."""
    return {model._meta.db_table: policy_of(model) for model in audited_models()}


def policy_of(model: type[Model]) -> dict[str, Any]:
    fields = [f for f in model._meta.concrete_fields if f.column]
    looked = [f for f in fields if looked_at(f)]
    return {
        "label": model._meta.label_lower,
        "key": model._meta.pk.column,
        "shown": [f.column for f in looked if shown(f)],
        "out": [f.column for f in fields if not looked_at(f)],
        "names": {f.column: f.name for f in looked if f.column != f.name},
        "patients": _columns_naming(model, PATIENT),
        "clinics": _columns_naming(model, CLINIC),
    }


def as_json() -> str:
    return json.dumps(policies(), sort_keys=True, ensure_ascii=True)


def _columns_naming(model: type[Model], label: str) -> list[str]:
    """The columns that hold a patient's (a clinic's) id: the key of its own table, and what refers to it."""
    own = ["id"] if model._meta.label_lower == label else []
    return own + [
        f.column
        for f in model._meta.concrete_fields
        if isinstance(f, ForeignKey) and f.remote_field.model._meta.label_lower == label
    ]
