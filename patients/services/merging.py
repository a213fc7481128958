"""What if two charts are one person's? One becomes part of the other; everything follows, and it can be undone."""

import datetime as dt
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import transaction

from accounts.membership import Member
from accounts.models import User
from healthcare.core.errors import Refused, refusing
from healthcare.core.events import publish
from healthcare.core.fields import warm
from healthcare.core.tenancy import on_platform
from patients import references
from patients.events import AccountLinked, PatientsMerged, PatientsUnmerged
from patients.models import Merge, Patient
from patients.services.entries import open_chart


class SameChart(Refused):
    code = "same_chart"
    detail = "These are not two charts."


class BothHaveAccounts(Refused):
    code = "both_have_accounts"
    detail = "Both charts have an account: two people, or one who signed up twice; end one account first."


class ContactNotProven(Refused):
    code = "contact_not_proven"
    detail = "The account's own proven email or phone is not the one in the other chart."


class NoAccountThere(Refused):
    code = "no_account"
    detail = "Nobody signed up by this chart."


class AlreadyMerged(Refused):
    code = "already_merged"
    detail = "This chart is part of another already."


class AlreadyUndone(Refused):
    code = "already_undone"
    detail = "This merge was undone already."


def merge(*, source: Patient, target: Patient, reason: str, by: Member, now: dt.datetime) -> Merge:
    """Make `source` part of `target`. An account moves along where its proven contact is the target's.

    Raises SameChart, ChartClosed, BothHaveAccounts, ContactNotProven, AlreadyMerged, or what apps above refuse (two
    appointments at one time).
    """
    if source.pk == target.pk:
        raise SameChart
    with transaction.atomic():
        source, target = _locked(source.pk, target.pk)
        open_chart(source)
        open_chart(target)
        account = _account_to_move(source, target)
        row = Merge(source=source, target=target, reason=reason, by=by.user_id, at=now, account_moved=account is not None)
        row.moved = _move_all(source, target)
        with refusing("merge_source_once", AlreadyMerged):
            row.save(force_insert=True)
        source.merged_into, source.user = target, None
        _saved_without_index(source)
        if account is not None:
            target.user_id = account
            target.save()
            publish(AccountLinked(patient_id=target.pk, user_id=account))
        publish(PatientsMerged(merge_id=row.pk, source_id=source.pk, target_id=target.pk))
    return row


def link(*, patient: Patient, account: Patient, by: Member, now: dt.datetime) -> Patient:
    """Link the account of the chart `account` to a chart that the clinic already had; the desk says who it is.

    Raises NoAccountThere, and what `merge` refuses.
    """
    if account.user_id is None:
        raise NoAccountThere
    merge(source=account, target=patient, reason="account linked", by=by, now=now)
    return Patient.objects.get(pk=patient.pk)


def undo(*, merge: Merge, by: Member, now: dt.datetime) -> Merge:
    """Make two charts of it again: what came from the source and is still there goes back.

    Raises AlreadyUndone, ChartClosed.
    """
    with transaction.atomic():
        source, target = _locked(merge.source_id, merge.target_id)
        row = Merge.objects.select_for_update().get(pk=merge.pk)
        if row.undone_at is not None:
            raise AlreadyUndone
        source.merged_into = None
        open_chart(source)
        open_chart(target)
        for label, ids in row.moved.items():
            _move_back(label, ids, source, target)
        row.undone_by, row.undone_at = by.user_id, now
        row.save()
        account = target.user_id if row.account_moved else None
        if account is not None:
            target.user = None
            target.save()
        source.user_id = account
        source.first_name = source.first_name  # opened: the save indexes the name again
        source.save()
        publish(PatientsUnmerged(merge_id=row.pk, source_id=source.pk, target_id=target.pk))
    return row


def _account_to_move(source: Patient, target: Patient) -> UUID | None:
    if source.user_id is None:
        return None
    if target.user_id is not None:
        raise BothHaveAccounts
    if not has_proven_contact(source.user_id, target):
        raise ContactNotProven
    return source.user_id


def has_proven_contact(user_id: UUID, chart: Patient) -> bool:
    """Whether the account is found by the chart's phone or email: only a proven contact leads to a person."""
    contacts = [contact for contact in (chart.phone, chart.email) if contact]  # opened while in the clinic
    with on_platform():
        return any(User.objects.with_identifier(contact).filter(pk=user_id).exists() for contact in contacts)


def _move_all(source: Patient, target: Patient) -> dict[str, list[str]]:
    moved: dict[str, list[str]] = {}
    for model, column in references.referring():
        found = list(model._default_manager.filter(**{column: source}).order_by("pk"))
        if hasattr(model, "seal_scope"):
            warm(found)
        gone = [str(row.pk) for row in found if references.moved_unless_had(row, column, target)]
        if gone:
            moved[f"{model._meta.label}.{column}"] = gone
    return moved


def _move_back(label: str, ids: list[str], source: Patient, target: Patient) -> None:
    name, _, column = label.rpartition(".")
    for row in apps.get_model(name)._default_manager.filter(pk__in=ids, **{column: target}).order_by("pk"):
        references.move(row, column, source)


def _locked(*ids: Any) -> list[Patient]:
    """Both charts under lock, always in the order of their ids, answered in the order asked for."""
    found = {row.pk: row for row in Patient.objects.select_for_update().filter(pk__in=ids).order_by("pk")}
    return [found[pk] for pk in ids]


def _saved_without_index(chart: Patient) -> None:
    """Not found by name any more."""
    chart.save()
    Patient.objects.filter(pk=chart.pk).update(name_index=None)
