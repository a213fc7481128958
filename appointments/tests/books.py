"""What can be done to a day's appointments, and what must be true after each step? Rules and invariants of a random day.

Book, hold, confirm, let run out, move, swap, reassign, transfer, cancel, overbook, take and undo leave, plan and join groups.
After each step: who holds time has exactly the claims of its time, nobody else has any, no lane is held twice.
`test_machine` adds courses and the waitlist, and runs it.
"""

import datetime as dt
from collections import Counter
from collections.abc import Callable
from itertools import pairwise
from typing import Any

from django.db import transaction
from django.utils import timezone
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from appointments.models import Appointment, Claim, GroupSession, Leave
from appointments.plugins.registry import kind_named
from appointments.services import groups, holds, leaves, steps
from appointments.services.availability import free_times
from appointments.services.handing_over import reassign, transfer
from appointments.services.many import Move, reschedule_many
from appointments.services.rescheduling import reschedule
from appointments.slots import Interval
from appointments.tests import scene
from appointments.tests.scene import NOW, at, booked
from appointments.workflow import BY_VERB, HOLDS_TIME, State
from healthcare.core.errors import Refused
from healthcare.tests import make

STEP = dt.timedelta(minutes=10)
starts = st.integers(0, 23).map(lambda n: at("1 9:00") + n * STEP)
numbers = st.integers(0, 10_000)


class DayBooks(RuleBasedStateMachine):
    tried: Counter[str] = Counter()  # over all days: which rule was taken how often, and how it ended

    @initialize()
    def begin(self) -> None:
        self.undone = transaction.atomic()
        self.undone.__enter__()
        self.doctors = [scene.doctor(name="Dr One"), scene.doctor(name="Dr Two", capacity=2)]
        self.charts = [make.patient() for _ in range(4)]

    def teardown(self) -> None:
        if hasattr(self, "undone"):
            transaction.set_rollback(True)
            self.undone.__exit__(None, None, None)

    def pick(self, rows: Any, number: int) -> Any:
        found = list(rows)
        return found[number % len(found)] if found else None

    def ahead(self, number: int) -> Any:
        return self.pick(Appointment.objects.filter(state__in=BY_VERB["reschedule"].sources).order_by("pk"), number)

    def may(self, work: Callable[[], Any]) -> None:
        """Done, or refused with nothing changed."""
        before, rule_name = self.books(), work.__qualname__.split(".")[1]
        try:
            with transaction.atomic():
                work()
        except Refused:
            assert self.books() == before
            self.tried[f"{rule_name} refused"] += 1
        else:
            self.tried[f"{rule_name} done"] += 1

    def books(self) -> Any:
        states = Appointment.objects.order_by("pk").values_list("pk", "state", "starts_at", "practitioner_id")
        return list(states), list(Claim.objects.order_by("pk").values_list("pk", flat=True))

    @rule(start=starts, doctor=numbers, chart=numbers, how=st.sampled_from(["book", "hold", "overbook"]))
    def book(self, start: dt.datetime, doctor: int, chart: int, how: str) -> None:
        who, whose = self.pick(self.doctors, doctor), self.pick(self.charts, chart)
        more: dict[str, Any] = {"overbook": "why not"} if how == "overbook" else {}
        if how == "hold":
            known = {"kind": "consultation", "by": None, "now": NOW}
            self.may(lambda: holds.hold(patient=whose, practitioner=who, starts_at=start, **known))
        else:
            self.may(lambda: booked(who, whose, start, **more))

    @rule(number=numbers, doctor=numbers, chart=numbers)
    def book_what_is_offered(self, number: int, doctor: int, chart: int) -> None:
        who, whose = self.pick(self.doctors, doctor), self.pick(self.charts, chart)
        ask = {"kind": kind_named("consultation"), "day": at("1 9:00").date(), "days": 1, "now": NOW, "patient_id": whose.pk}
        if (slot := self.pick(free_times(practitioner=who, **ask), number)) is not None:
            booked(who, whose, slot.starts_at)  # a refusal is a fault
            self.tried["book_what_is_offered done"] += 1

    @rule(number=numbers)
    def confirm(self, number: int) -> None:
        if (row := self.ahead(number)) is not None:
            self.may(lambda: steps.confirm(appointment=row, by=None, now=NOW))

    @rule(number=numbers)
    def let_a_hold_run_out(self, number: int) -> None:
        row = self.pick(Appointment.objects.filter(state=State.PENDING).order_by("pk"), number)
        if row is not None:
            past = timezone.now() - STEP
            Claim.objects.filter(appointment=row).update(expires_at=past)
            Appointment.objects.filter(pk=row.pk).update(expires_at=past)

    @rule(number=numbers)
    def expire(self, number: int) -> None:
        run_out = Appointment.objects.filter(state=State.PENDING, expires_at__lt=timezone.now()).order_by("pk")
        if (row := self.pick(run_out, number)) is not None:
            self.may(lambda: steps.expire(appointment=row, by=None, now=timezone.now()))

    @rule(number=numbers, verb=st.sampled_from([steps.check_in, steps.no_show]))
    def come_or_not(self, number: int, verb: Any) -> None:
        if (row := self.ahead(number)) is not None:
            self.may(lambda: verb(appointment=row, by=None, now=row.starts_at))

    @rule(number=numbers, start=starts)
    def move(self, number: int, start: dt.datetime) -> None:
        if (row := self.ahead(number)) is not None:
            self.may(lambda: reschedule(appointment=row, starts_at=start, by=None, now=NOW))

    @rule(one=numbers, two=numbers)
    def swap(self, one: int, two: int) -> None:
        first, second = self.ahead(one), self.ahead(two)
        if first is not None and first.pk != second.pk:
            moves = [Move(first, second.starts_at), Move(second, first.starts_at)]
            self.may(lambda: reschedule_many(moves=moves, by=None, now=NOW))

    @rule(number=numbers, doctor=numbers, verb=st.sampled_from([reassign, transfer]))
    def hand_over(self, number: int, doctor: int, verb: Any) -> None:
        if (row := self.ahead(number)) is not None:
            self.may(lambda: verb(appointment=row, practitioner=self.pick(self.doctors, doctor), by=None, now=NOW))

    @rule(number=numbers)
    def cancel(self, number: int) -> None:
        if (row := self.ahead(number)) is not None:
            self.may(lambda: steps.cancel(appointment=row, by=None, now=NOW))

    @rule(start=starts, doctor=numbers, quarters=st.integers(1, 16))
    def take_leave(self, start: dt.datetime, doctor: int, quarters: int) -> None:
        during, who = Interval(start, start + quarters * STEP), self.pick(self.doctors, doctor)
        self.may(lambda: leaves.take(practitioner=who, during=during, by=None, now=NOW))

    @rule(number=numbers)
    def undo_leave(self, number: int) -> None:
        if (row := self.pick(Leave.objects.order_by("pk"), number)) is not None:
            self.may(lambda: leaves.undo(leave=row, by=None, now=NOW))

    @rule(start=starts, doctor=numbers)
    def plan_a_group(self, start: dt.datetime, doctor: int) -> None:
        known = {"kind": "consultation", "practitioner": self.pick(self.doctors, doctor), "seats": 2, "by": None, "now": NOW}
        self.may(lambda: groups.plan(starts_at=start, **known))

    @rule(number=numbers, chart=numbers)
    def join_a_group(self, number: int, chart: int) -> None:
        if (row := self.pick(GroupSession.objects.order_by("pk"), number)) is not None:
            self.may(lambda: groups.join(group=row, patient=self.pick(self.charts, chart), by=None, now=NOW))

    @invariant()
    def each_has_the_claims_of_its_time_and_no_other(self) -> None:
        if not hasattr(self, "undone"):
            return
        held: dict[Any, set[Any]] = {}
        for claim in Claim.objects.filter(group=None):
            held.setdefault(claim.appointment_id, set()).add((claim.resource, claim.resource_id, claim.during.lower))
        for row in Appointment.objects.all():
            mine = held.pop(row.pk, set())
            if row.state == State.PENDING and row.expires_at and row.expires_at < timezone.now():
                continue  # run out: whoever came since may have taken its place
            first = ("seat", row.group_id) if row.group_id else ("practitioner", row.practitioner_id)
            wanted = {(*first, row.starts_at), ("patient", row.patient_id, row.starts_at)}
            assert mine == (wanted if row.state in HOLDS_TIME else set()), row.state
        assert held == {}

    @invariant()
    def no_lane_is_held_twice(self) -> None:
        if not hasattr(self, "undone"):
            return
        lanes: dict[Any, list[Any]] = {}
        for claim in Claim.objects.order_by("during"):
            lanes.setdefault((claim.resource_id, claim.lane), []).append(claim.during)
        for times in lanes.values():
            assert all(a.upper <= b.lower for a, b in pairwise(times))
