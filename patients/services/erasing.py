"""How is a chart erased for good? Asked, confirmed by another, its entries gone, its columns blank, its key destroyed.

What stays: ids, record number, times, who asked and confirmed, the sealed audit. Without the key no old backup of the data can
be read. Key and data are two stores: the data goes first, in one transaction with a job that is owed until the key is gone.
"""

import datetime as dt
from collections.abc import Callable, Iterable
from typing import Any

from django.conf import settings
from django.db import transaction

from accounts.membership import Member
from healthcare.core.crypto import patient_scope
from healthcare.core.errors import Reason, Refused, refusing
from healthcare.core.events import publish
from healthcare.core.fields import ERASED, BlindIndex, SealedField
from healthcare.core.jobs import enqueue
from healthcare.core.keystore import keys
from healthcare.core.prefix_index import PrefixIndex
from healthcare.core.tenancy import current_clinic
from patients import references
from patients.events import ErasureAsked, PatientErased
from patients.models import Consent, Erasure, FormerVersion, LegalHold, Merge, Patient, Visit
from patients.sections import SECTIONS
from patients.services import files
from patients.services.entries import open_chart

Obstacle = Callable[[Patient, dt.datetime], Reason | None]
_obstacles: list[Obstacle] = []
COURT = Erasure.Basis.COURT


class ErasureRefused(Refused):
    code = "erasure_refused"
    detail = "This chart may not be erased now."


class AlreadyAsked(Refused):
    code = "erasure_asked"
    detail = "The erasure of this chart was asked for already."


class NotAsked(Refused):
    code = "erasure_not_asked"
    detail = "Nobody asked for the erasure of this chart."


class NotConfirmed(RuntimeError):
    """A key was about to be destroyed that nobody gave up: a fault of ours."""


class FourEyes(Refused):
    code = "four_eyes"
    detail = "Who asked for the erasure can't confirm it."


def obstacle(test: Obstacle) -> Obstacle:
    """Let an app name what stands in the way of erasing: `test(patient, now)` answers the reason or None."""
    _obstacles.append(test)
    return test


def ask(*, patient: Patient, basis: str, by: Member, now: dt.datetime) -> Erasure:
    """The first step. Raises ChartClosed, ErasureRefused with every reason, AlreadyAsked."""
    open_chart(patient)
    _refuse(patient, basis, now)
    row = Erasure(patient=patient, basis=basis, asked_by=by.user_id, asked_at=now)
    with transaction.atomic():
        with refusing("erasure_once", AlreadyAsked):
            row.save(force_insert=True)
        publish(ErasureAsked(patient_id=patient.pk, erasure_id=row.pk))
    return row


def cancel(*, patient: Patient, now: dt.datetime) -> None:
    """Take the request back. Raises NotAsked."""
    with transaction.atomic():
        row = _asked(patient)
        row.cancelled_at = now
        row.save()


def confirm(*, patient: Patient, by: Member, now: dt.datetime) -> Erasure:
    """The second step, by somebody else; it can't be undone. Raises NotAsked, FourEyes, ErasureRefused, ChartClosed."""
    with transaction.atomic():
        row = _asked(patient)
        if row.asked_by == by.user_id:
            raise FourEyes
        chart = Patient.objects.select_for_update().get(pk=patient.pk)
        open_chart(chart)
        _refuse(chart, row.basis, now)
        row.confirmed_by, row.confirmed_at = by.user_id, now
        row.save()
        blank(chart, now)
        publish(PatientErased(patient_id=chart.pk, erasure_id=row.pk))
        enqueue("patients.destroy_key", key=f"patients.destroy_key:{row.pk}", erasure_id=row.pk)
    return row


def blank(chart: Patient, now: dt.datetime) -> None:
    """Leave nothing of the person in the clinic's tables: entries deleted, sealed columns and indexes blank, in all apps."""
    parts = [chart.pk, *_merged_into(chart)]
    for section in sorted(SECTIONS.values(), key=lambda one: one.model is Visit):
        section.model._default_manager.filter(patient__in=parts).delete()
    for model in (Consent, FormerVersion):
        model._default_manager.filter(patient__in=parts).delete()
    for model, column in references.referring():
        if changes := _blanks(model):
            model._default_manager.filter(**{f"{column}__in": parts}).update(**changes)
    known = {**_blanks(Patient), "user": None, "sex": Patient.Sex.UNKNOWN, "erased_at": now}
    Patient.objects.filter(pk__in=parts).update(**known)


def destroy_keys(*, erasure: Erasure, now: dt.datetime) -> None:
    """Destroy the keys of the chart and of those that became part of it; then nothing of them can be read, anywhere.

    Of an erasure that nobody confirmed nothing is destroyed. Raises NotConfirmed.
    """
    if erasure.confirmed_at is None:
        raise NotConfirmed
    clinic = current_clinic().id
    for part in [erasure.patient_id, *_merged_into(erasure.patient)]:
        keys.destroy(patient_scope(clinic, part))
        files.remove_all(part)
    Erasure.objects.filter(pk=erasure.pk, key_destroyed_at=None).update(key_destroyed_at=now)


def erase_again(*, now: dt.datetime) -> int:
    """Blank the charts whose keys were destroyed though their rows (of an older backup) do not say so; answers how many."""
    gone = keys.destroyed(current_clinic().id)
    charts = Patient.objects.filter(pk__in=gone, erased_at=None)
    with transaction.atomic():
        for chart in charts:
            blank(chart, now)
    for chart_id in gone:
        files.remove_all(chart_id)
    return len(charts)


def _refuse(patient: Patient, basis: str, now: dt.datetime) -> None:
    """Every reason at once. A court's order stands above retention, not above a hold."""
    reasons = [reason for test in _obstacles if (reason := test(patient, now)) is not None]
    reasons = [reason for reason in reasons if basis != COURT or reason.code != "retention"]
    if reasons:
        raise ErasureRefused(reasons=reasons)


@obstacle
def legal_hold(patient: Patient, now: dt.datetime) -> Reason | None:
    held = LegalHold.objects.filter(patient=patient, lifted_at=None).exists()
    return Reason("legal_hold", "A legal hold stands on this chart.") if held else None


@obstacle
def retention(patient: Patient, now: dt.datetime) -> Reason | None:
    """Clinical records are kept as long as the law says, from the last visit on (CHART_RETENTION_YEARS)."""
    since = now - dt.timedelta(days=round(365.25 * settings.CHART_RETENTION_YEARS))
    kept = Visit.objects.filter(patient=patient, started_at__gt=since).exists()
    return Reason("retention", f"Visits are kept for {settings.CHART_RETENTION_YEARS} years.") if kept else None


def _asked(patient: Patient) -> Erasure:
    row = Erasure.objects.select_for_update().filter(patient=patient, cancelled_at=None, confirmed_at=None).first()
    if row is None:
        raise NotAsked
    return row


def _merged_into(chart: Patient) -> Iterable[Any]:
    """The charts that are part of this one, and of those."""
    found: list[Any] = []
    todo = [chart.pk]
    while todo:
        rows = Merge.objects.filter(target__in=todo, undone_at=None).values_list("source", flat=True)
        todo = [pk for pk in rows if pk not in found]
        found += todo
    return found


def _blanks(model: Any) -> dict[str, Any]:
    """What to write in the columns that say something of the person."""
    changes: dict[str, Any] = {}
    for field in model._meta.concrete_fields:
        if isinstance(field, SealedField):
            changes[field.attname] = None if field.null else ERASED
        elif isinstance(field, (BlindIndex, PrefixIndex)):
            changes[field.attname] = None
    return changes
