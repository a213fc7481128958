"""Whatever is done to a clinic's days in whatever order, do its books stay right, and with them courses and the waitlist?

To what `books` does and demands: courses are ordered, planned, re-flowed and cancelled; people join the waitlist, are looked
for, offered freed times, accept, decline and leave. A course has all its sittings or none; an opening has one holder at most,
and an offer stands exactly as long as its hold. MACHINE_EXAMPLES=200 makes it a long run that counts (drills/offers.sh).
"""

import os
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule, run_state_machine_as_test

from appointments.courses.models import Course
from appointments.courses.phases import steps as sittings_of
from appointments.courses.services import ordering, planning, templates
from appointments.models import Practitioner
from appointments.tests.books import DayBooks, numbers
from appointments.tests.scene import NOW, at
from appointments.waitlist.models import Offer, Opening, Wish
from appointments.waitlist.services import answering, filling, joining, looking
from appointments.workflow import State
from healthcare.core.ids import new_id

pytestmark = pytest.mark.django_db
EXAMPLES = int(os.environ.get("MACHINE_EXAMPLES", "2"))
DAY = at("1 9:00").date()  # the day on which everything else happens too
BY = new_id()
C, W, S = Course.State, Wish.State, Offer.State


def phase(sittings: int, **gap: int) -> dict[str, Any]:
    return {
        "name": "Phase",
        "kind": "consultation",
        "sittings": sittings,
        "least_days": 1,
        "most_days": 2,
        "pause_days": 0,
        **gap,
    }


class Books(DayBooks):
    @initialize()
    def begin(self) -> None:
        super().begin()
        phases = [phase(2), phase(1, least_days=0, most_days=0, pause_days=1)]
        self.template = templates.enter(name="Course", phases=phases, by=BY)

    def books(self) -> Any:
        rows = [list(model.objects.order_by("pk").values_list("pk", "state")) for model in (Course, Wish, Opening, Offer)]
        return super().books(), rows

    def of_wish(self, number: int, *states: Wish.State) -> Any:
        return self.pick(Wish.objects.filter(state__in=states).order_by("pk"), number)

    @rule(chart=numbers)
    def order_a_course(self, chart: int) -> None:
        whose = self.pick(self.charts, chart)
        self.may(lambda: ordering.order(template=self.template, patient=whose, starts_on=DAY, by=BY, now=NOW))

    @rule(number=numbers)
    def plan_a_course(self, number: int) -> None:
        if (row := self.pick(Course.objects.filter(state=C.PLANNING).order_by("pk"), number)) is None:
            return
        before = super().books()
        course = planning.book_course(course_id=row.pk, now=NOW)
        self.tried[f"plan_a_course {course.state}"] += 1
        if course.state == C.STUCK:
            assert course.why and super().books() == before
            return
        zone = Practitioner.objects.with_place().get(pk=self.doctors[0].pk).place.clock
        days = [one.appointment.starts_at.astimezone(zone).date() for one in course.sittings.order_by("number")]
        gaps = [step.gap for step in sittings_of(course.phases)]
        assert days[0] >= DAY
        assert all(gap.least <= (b - a).days <= gap.most for gap, (a, b) in zip(gaps[1:], pairwise(days), strict=True))

    @rule(number=numbers)
    def reflow_a_course(self, number: int) -> None:
        if (row := self.pick(Course.objects.filter(state__in=[C.BOOKED, C.STUCK]).order_by("pk"), number)) is None:
            return
        before = super().books()
        course = planning.reflow(course_id=row.pk, now=NOW)
        self.tried[f"reflow_a_course {course.state}"] += 1
        if course.state == C.STUCK:
            assert super().books() == before
        else:
            assert not course.sittings.filter(appointment__state__in=planning.GONE).exists()

    @rule(number=numbers)
    def cancel_a_course(self, number: int) -> None:
        if (row := self.pick(Course.objects.order_by("pk"), number)) is not None:
            self.may(lambda: ordering.cancel(course=row, by=None, now=NOW))

    @rule(chart=numbers, doctor=numbers, named=st.booleans(), promptly=st.booleans())
    def join_the_waitlist(self, chart: int, doctor: int, named: bool, promptly: bool) -> None:
        who = self.pick(self.doctors, doctor) if named else None
        known = {"kind": "consultation", "from_on": DAY, "until_on": DAY, "by": None, "now": NOW}
        self.may(lambda: joining.join(patient=self.pick(self.charts, chart), practitioner=who, **known))
        if promptly:
            self.work_the_waitlist()

    @rule()
    def the_waitlists_worker_comes_by(self) -> None:
        self.work_the_waitlist()

    def work_the_waitlist(self) -> None:
        for wish in list(Wish.objects.waiting().order_by("pk")):
            self.may(lambda wish=wish: looking.look_for(wish_id=wish.pk, now=NOW))
        for opening in list(Opening.objects.filter(state=Opening.State.OPEN).order_by("pk")):
            self.may(lambda opening=opening: filling.fill(opening_id=opening.pk, now=NOW))

    @rule(number=numbers, verb=st.sampled_from([answering.accept, answering.accept, answering.decline]))
    def answer_an_offer(self, number: int, verb: Any) -> None:
        if (row := self.of_wish(number, W.OFFERED)) is not None:
            self.may(lambda: verb(wish=row, by=None, now=NOW))

    @rule(number=numbers)
    def leave_the_waitlist(self, number: int) -> None:
        if (row := self.of_wish(number, W.WAITING, W.OFFERED)) is not None:
            self.may(lambda: joining.leave(wish=row, by=None, now=NOW))

    @invariant()
    def nothing_of_a_course_is_half(self) -> None:
        for course in Course.objects.all() if hasattr(self, "undone") else ():
            held = [one.appointment for one in course.sittings.select_related("appointment")]
            whole = len(sittings_of(course.phases))
            assert len(held) == whole or (not held and course.state != C.BOOKED)
            assert all(row.patient_id == course.patient_id and row.state != State.TRANSFERRED for row in held)
            if course.state == C.CANCELLED:
                assert not [row for row in held if row.state in planning.AHEAD]

    @invariant()
    def an_opening_has_one_holder_and_an_offer_stands_as_long_as_its_hold(self) -> None:
        if not hasattr(self, "undone"):
            return
        offers = list(Offer.objects.select_related("appointment", "opening", "wish"))
        for opening in Opening.objects.all():
            holders = [one.state for one in offers if one.opening_id == opening.pk and one.state in (S.OPEN, S.ACCEPTED)]
            assert len(holders) <= 1
            assert (holders == [S.ACCEPTED]) == (opening.state == Opening.State.FILLED)
        for offer in offers:
            assert (offer.state == S.OPEN) == (offer.appointment.state == State.PENDING)
            assert offer.state != S.OPEN or (offer.wish.state, offer.opening.state) == (W.OFFERED, Opening.State.OPEN)
        standing = {one.wish_id for one in offers if one.state == S.OPEN}
        assert standing == set(Wish.objects.filter(state=W.OFFERED).values_list("pk", flat=True))


def test_the_books_stay_right_whatever_is_done(in_north: Any, capsys: Any) -> None:
    known = {"deadline": None, "suppress_health_check": list(HealthCheck)}
    steps_of_a_day = 20 if EXAMPLES < 10 else 50
    run_state_machine_as_test(Books, settings=settings(max_examples=EXAMPLES, stateful_step_count=steps_of_a_day, **known))
    if EXAMPLES >= 10:
        with capsys.disabled():
            total = sum(Books.tried.values())
            print(f"\n{EXAMPLES} days, {total} steps: {dict(sorted(Books.tried.items()))}")  # noqa: T201 (a drill's count)
