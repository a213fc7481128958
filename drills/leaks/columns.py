"""How does a canary get into every sealed column? By rows of every model that has one, found by introspection."""

from typing import Any

from drills.leaks.words import Canaries

BY_API = {"challenge.address", "totp.secret"}  # of rows that are gone after minutes or are made by the product


def fill_columns(canaries: Canaries) -> int:
    """A row of every model with sealed columns, made, changed and where possible removed, in a clinic and in public."""
    from clinics.services.opening import open_clinic, order_clinic
    from healthcare.core.fields import sealed_fields
    from healthcare.core.tenancy import in_clinic, on_platform
    from monitoring.trail.tests.rows import CLINIC, PUBLIC

    filled = 0
    with in_clinic(open_clinic(order_clinic(slug="kanarie", name="Canaries"))):
        filled += sum(_live(sample, canaries, sealed_fields) for sample in CLINIC.values())
    with on_platform():
        filled += sum(_live(sample, canaries, sealed_fields) for sample in PUBLIC.values())
    return filled


def _live(sample: Any, canaries: Canaries, sealed_fields: Any) -> int:
    from django.db import Error, transaction

    row = sample.make()
    columns = sealed_fields(type(row))
    if not columns:
        return 0
    try:  # a sample that leans on what is not there fails when it is committed: by then it has been written all the same
        with transaction.atomic():
            for turn in ("made", "changed"):
                for field in columns:
                    setattr(row, field.attname, _canary(canaries, field, f"{field.label} {turn}"))
                row.save()
            canaries.written |= {field.label for field in columns}
        if sample.deletable:
            with transaction.atomic():
                row.delete()
    except Error:
        pass
    return len(columns)


def _canary(canaries: Canaries, field: Any, where: str) -> Any:
    from healthcare.core.fields import SealedDate, SealedJSON

    if isinstance(field, SealedDate):
        return canaries.day(where)
    word = canaries.word(where)
    return {"said": word} if isinstance(field, SealedJSON) else _fitting(field.attname, word)


def _fitting(name: str, word: str) -> str:
    return f"{word.lower()}@people.example" if "email" in name else word if "phone" not in name else "+919812345678"


def sealed_columns() -> set[str]:
    """Labels of every sealed column that a model has: whatever class derives from `SealedField`."""
    from django.apps import apps

    from healthcare.core.fields import sealed_fields

    return {field.label for model in apps.get_models() for field in sealed_fields(model)}
