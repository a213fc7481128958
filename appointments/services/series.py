"""How are appointments booked that come again by a rule? RFC 5545, on the wall clock, as far ahead as bookings are open.

    FREQ=WEEKLY;BYDAY=MO,TH;COUNT=12

All that are within the horizon are booked at once, all or none, or (`skips`) those that can be, with the reasons for the
others. A job books the rest as the horizon moves on.
"""

import datetime as dt
from collections.abc import Iterator
from itertools import chain
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction

from appointments import slots
from appointments.events import SeriesChanged
from appointments.models import Appointment, Occurrence, Practitioner, Series
from appointments.plugins.registry import kind_named
from appointments.plugins.terms import terms_of
from appointments.services import steps
from appointments.services.locked import locked
from appointments.services.many import NotAllBookable, Outcome, Wanted, book_many
from appointments.slots.rules import Rule, Unreadable
from appointments.workflow import BY_VERB
from healthcare.core.errors import NotFound, Reason, Refused
from healthcare.core.events import publish
from patients.models import Patient

AT_ONCE = 60  # occurrences looked at in one go
LONGEST = dt.timedelta(days=366 * 2)


class BadRule(Refused):
    status = 400
    code = "bad_rule"
    detail = "The rule can't be read, or has no occurrence in two years: FREQ=WEEKLY;BYDAY=MO;COUNT=10 would be one."


class SeriesEnded(Refused):
    code = "series_ended"
    detail = "The series has ended."


def create(
    *,
    kind: str,
    patient: Patient,
    practitioner: Practitioner,
    starts_at: dt.datetime,
    rule: str,
    by: UUID | None,
    now: dt.datetime,
    reason: str = "",
    skips: bool = False,
) -> tuple[Series, Outcome]:
    """Book a series, its first occurrence at `starts_at` or the first after it that the rule gives.

    Raises BadRule, UnknownKind, NotAllBookable (without `skips`; with it, if none at all can be booked).
    """
    zone = practitioner.place.clock
    terms = terms_of(kind_named(kind), practitioner)
    begins = slots.clock.utc(starts_at)
    open_until = now + (terms.horizon if terms.horizon is not None else LONGEST)
    too_far = Reason("too_far", "Bookings are open until {until_at}.", {"until_at": open_until.astimezone(zone)}, now)
    if begins > open_until:
        raise NotAllBookable({0: [too_far]}, [starts_at], now)
    if begins < now - LONGEST:
        raise NotAllBookable({0: [Reason("in_the_past", "This has passed.")]}, [starts_at], now)
    first = next(occurrences(rule, begins, zone, begins + LONGEST)).replace(tzinfo=zone)
    with transaction.atomic():
        row = Series(
            kind=kind, patient=patient, practitioner=practitioner, rule=rule, begins=begins, zone=zone.key, skips=skips,
            reason=reason, created_by=by, booked_until=begins - dt.timedelta(microseconds=1),
        )  # fmt: skip
        row.save(force_insert=True)
        outcome = _book_up_to(row, open_until, by=by, now=now, skip=skips)
        if not outcome.done:
            looked_at = starts_of(row, begins - dt.timedelta(microseconds=1), open_until) or [first]
            raise NotAllBookable(outcome.refused or {0: [too_far]}, [start.astimezone(zone) for start in looked_at], now)
        publish(SeriesChanged(series_id=row.id, version=row.version))
    return row, outcome


@transaction.atomic
def extend(*, series: Series, by: UUID | None, now: dt.datetime) -> Outcome:
    """Book what has come within the horizon since; what can't be booked is left out and kept with its reasons."""
    row = Series.objects.select_for_update(no_key=True).filter(pk=series.pk, state=Series.State.ACTIVE).first()
    if row is None:
        return Outcome()
    practitioner = Practitioner.objects.with_place().get(pk=row.practitioner_id)
    terms = terms_of(kind_named(row.kind), practitioner)
    outcome = _book_up_to(row, now + (terms.horizon or LONGEST), by=by, now=now, skip=True)
    if outcome.done or outcome.refused:
        publish(SeriesChanged(series_id=row.id, version=row.version))
    return outcome


@transaction.atomic
def end(*, series: Series, by: UUID | None, now: dt.datetime, reason: str = "", version: int | None = None) -> Series:
    """No more of it: what is ahead is cancelled. Raises SeriesEnded, NotFound, StaleWrite."""
    row = Series.objects.select_for_update(no_key=True).filter(pk=series.pk).first()
    if row is None:
        raise NotFound
    if row.state == Series.State.ENDED:
        raise SeriesEnded
    row.state = Series.State.ENDED
    row.save(update_fields=["state"])
    ahead = Appointment.objects.filter(occurrence__series=row, starts_at__gt=now, state__in=BY_VERB["reschedule"].sources)
    for appointment in [
        locked(one) for one in ahead.order_by("pk")
    ]:  # all first: nobody takes one's time and waits for the next
        if appointment.state in BY_VERB["reschedule"].sources and appointment.starts_at > now:
            steps.cancel(appointment=appointment, by=by, now=now, reason=reason)
    publish(SeriesChanged(series_id=row.id, version=row.version))
    return row


def due(*, now: dt.datetime) -> list[Series]:
    """Active series of which the next occurrence may have come within the horizon."""
    return list(Series.objects.filter(state=Series.State.ACTIVE, booked_until__lt=now + LONGEST).order_by("booked_until")[:500])


def occurrences(rule: str, begins: dt.datetime, zone: ZoneInfo, until: dt.datetime) -> Iterator[dt.datetime]:
    """Of the rule, naive on the wall clock of `zone`, up to `until`. Raises BadRule for what we don't take (by the hour, sets)
    and for a rule without any."""
    try:
        first, last = (one.astimezone(zone).replace(tzinfo=None) for one in (begins, min(until, slots.clock.LATEST)))
        found = Rule.read(rule).starts(first, last, zone)
        return chain([next(found)], found)
    except (Unreadable, StopIteration, OverflowError):
        raise BadRule from None


def starts_of(series: Series, after: dt.datetime, until: dt.datetime) -> list[dt.datetime]:
    """The instants of the rule in (after, until], at most AT_ONCE. A wall time that a spring night skips is left out; one that
    an autumn night has twice is taken at its first."""
    zone = ZoneInfo(series.zone)
    found: list[dt.datetime] = []
    for clock in occurrences(series.rule, series.begins, zone, max(until, series.begins + LONGEST)):
        instant = clock.replace(tzinfo=zone)
        utc = slots.clock.utc(instant)
        if utc > until or len(found) == AT_ONCE:
            break
        if utc > after and utc.astimezone(zone).replace(tzinfo=None) == clock:
            found.append(utc)
    return found


def _book_up_to(row: Series, until: dt.datetime, *, by: UUID | None, now: dt.datetime, skip: bool) -> Outcome:
    starts = starts_of(row, row.booked_until, until)
    practitioner = Practitioner.objects.with_place().get(pk=row.practitioner_id)
    reason: str = row.reason  # type: ignore[assignment]
    wanted = [Wanted(row.kind, row.patient, practitioner, start, reason) for start in starts]
    outcome = book_many(wanted=wanted, by=by, now=now, skip=skip) if wanted else Outcome()
    for number, start in enumerate(starts):
        made = outcome.done.get(number)
        why = [] if made else [reason.code for reason in outcome.refused[number]]
        Occurrence(series=row, starts_at=start, appointment=made, reasons=why).save(force_insert=True)
    row.booked_until = starts[-1] if len(starts) == AT_ONCE else max(row.booked_until, until)
    row.save(update_fields=["booked_until"])
    return outcome
