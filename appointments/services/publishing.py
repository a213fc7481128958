"""When is each practitioner free next? The answer that lists show; a hint kept fresh by jobs, never a promise."""

import datetime as dt
from collections.abc import Iterable
from uuid import UUID

from django.db.models import Q

from appointments.models import Appointment, Practitioner
from appointments.plugins.registry import kinds
from appointments.services.availability import next_free


def refresh_after(*, appointment_id: UUID, now: dt.datetime) -> None:
    """Publish anew for everybody whose time an appointment takes or took."""
    rows = Appointment.objects.filter(pk=appointment_id).values_list("practitioner_id", "transitions__details")
    ids = {str(one) for now_with, facts in rows for one in (now_with, (facts or {}).get("practitioner")) if one}
    refresh(practitioners=Practitioner.objects.filter(pk__in=ids).with_place(), now=now)


def refresh_passed(*, now: dt.datetime) -> None:
    """Publish anew where the published instant is past or was never found."""
    stale = Practitioner.objects.seeing_patients().filter(Q(next_free_at=None) | Q(next_free_at__lt=now))
    refresh(practitioners=stale.with_place(), now=now)


def refresh(*, practitioners: Iterable[Practitioner], now: dt.datetime) -> None:
    """All are found out first, then written by id: cards are locked in this order, by who moves appointments, too."""
    found = sorted((practitioner.pk, _earliest(practitioner, now)) for practitioner in practitioners)
    for pk, earliest in found:
        # not `save`: it is no change of the card, so its version and history stay
        Practitioner.objects.filter(pk=pk).update(next_free_at=earliest)


def _earliest(practitioner: Practitioner, now: dt.datetime) -> dt.datetime | None:
    """For the kind that availability answers when none is named: the first that the practitioner offers."""
    kind = next((kind for code, kind in kinds().items() if code in practitioner.kinds), None)
    slot = next_free(practitioner=practitioner, kind=kind, now=now) if kind else None
    return slot.starts_at if slot else None
