"""Is the order of the waitlist one that anybody can follow?"""

import datetime as dt
from dataclasses import replace
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from appointments.models import Priority
from appointments.waitlist.ranking import URGENCY, Candidate, in_order, rank

NOW = dt.datetime(2030, 6, 3, 7, tzinfo=dt.UTC)
DAY = dt.date(2030, 6, 5)
CANDIDATES = st.builds(
    Candidate,
    id=st.uuids(),
    urgency=st.sampled_from(list(URGENCY)),
    joined_at=st.integers(0, 100_000).map(lambda minutes: NOW - dt.timedelta(minutes=minutes)),
    from_on=st.dates(dt.date(2030, 5, 1), DAY),
    until_on=st.dates(DAY, dt.date(2030, 9, 1)),
    asked_by_name=st.booleans(),
)


def test_every_urgency_there_is_has_its_points_the_more_pressing_the_more() -> None:
    assert list(URGENCY) == list(Priority.values)
    assert list(URGENCY.values()) == sorted(URGENCY.values(), reverse=True)


@given(CANDIDATES, st.sampled_from(list(URGENCY)), st.integers(0, 10**6))
def test_who_is_more_pressing_or_waits_longer_is_never_worse_placed(one: Candidate, urgency: str, minutes: int) -> None:
    mine = rank(one, day=DAY, now=NOW).points
    pressing = rank(replace(one, urgency=urgency), day=DAY, now=NOW).points
    assert (pressing >= mine) == (URGENCY[urgency] >= URGENCY[one.urgency])
    assert rank(replace(one, joined_at=one.joined_at - dt.timedelta(minutes=minutes)), day=DAY, now=NOW).points >= mine
    assert rank(replace(one, asked_by_name=True), day=DAY, now=NOW).points >= mine


@given(CANDIDATES, CANDIDATES)
def test_no_waiting_and_no_fit_outweighs_high_urgency(one: Candidate, other: Candidate) -> None:
    pressing, patient = replace(one, urgency="high"), replace(other, urgency="normal")
    assert in_order([patient, pressing], day=DAY, now=NOW)[0][0] == pressing


@given(st.lists(CANDIDATES, max_size=12, unique_by=lambda one: one.id), st.randoms())
def test_the_order_does_not_depend_on_how_they_were_read(some: list[Candidate], chance: object) -> None:
    shuffled = sorted(some, key=lambda one: one.id.int ^ 0x5DEECE66D)
    assert in_order(some, day=DAY, now=NOW) == in_order(shuffled, day=DAY, now=NOW)


def test_the_points_can_be_added_up_from_what_is_stored() -> None:
    one = Candidate(UUID(int=1), "normal", NOW - dt.timedelta(days=3), DAY, DAY + dt.timedelta(days=10), True)
    assert rank(one, day=DAY, now=NOW).facts == {"urgency": "normal", "waited_hours": 72, "fit": 5.0, "points": 68.0}
