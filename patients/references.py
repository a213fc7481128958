"""Which rows, in whatever app, belong to a chart? Every model of a clinic that refers to a patient, found by its foreign key.

A merge moves them, an erasure blanks them; a table that somebody adds is found by itself.
"""

from collections.abc import Iterator
from contextlib import nullcontext
from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.db import IntegrityError, transaction
from django.db.models import ForeignKey, Model, UniqueConstraint
from psycopg.errors import ExclusionViolation, UniqueViolation

from healthcare.core.fields import sealed_fields
from patients.models import Erasure, Merge, Patient

STAY = (Merge, Erasure)  # say what happened to charts; they keep naming the one it happened to


def referring() -> Iterator[tuple[type[Model], str]]:
    """Model and column, for every reference to a chart that follows it."""
    for model in apps.get_models():
        if model is not Patient and model not in STAY and _is_clinics(model):
            for field in model._meta.concrete_fields:
                if isinstance(field, ForeignKey) and field.related_model is Patient:
                    yield model, field.name


def move(row: Any, column: str, to: Patient) -> None:
    """Let the row refer to another chart. What is sealed is opened under the one's key and sealed under the other's."""
    for field in sealed_fields(type(row)):
        getattr(row, field.attname)
    setattr(row, column, to)
    row.save()


def moved_unless_had(row: Any, column: str, to: Patient) -> bool:
    """Move it; where the other chart has the one of this sort that a chart may have, it stays. Answers whether it moved."""
    try:
        with transaction.atomic() if _once(type(row), column) else nullcontext():
            move(row, column, to)
    except IntegrityError as error:
        if not _once(type(row), column) or not isinstance(error.__cause__, UniqueViolation | ExclusionViolation):
            raise
        return False
    return True


def _once(model: type[Model], column: str) -> bool:
    """Whether the database lets a chart have only one of these, or of some of them."""
    rules = [rule for rule in model._meta.constraints if isinstance(rule, UniqueConstraint | ExclusionConstraint)]
    field = model._meta.get_field(column)
    return bool(getattr(field, "unique", False)) or any(column in _columns(rule) for rule in rules)


def _columns(rule: UniqueConstraint | ExclusionConstraint) -> set[str]:
    return set(rule.fields) if isinstance(rule, UniqueConstraint) else {str(name) for name, _ in rule.expressions}


def _is_clinics(model: type[Model]) -> bool:
    return model._meta.app_config is not None and model._meta.app_config.name in settings.TENANT_APPS
