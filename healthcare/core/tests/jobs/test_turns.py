"""Whose job is next, and how many at once?"""

import threading
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connection, connections
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from healthcare.core import jobs, picking
from healthcare.core.bulkheads import Bulkhead
from healthcare.core.models import Job, Priority
from healthcare.core.tenancy import clinic_or_none


@pytest.fixture
def order(work, north, south):
    """`order()`: works the queue off, answers the marks in the order in which they came."""
    seen = []
    work("t.mark", lambda *, mark: seen.append((clinic_or_none().slug if clinic_or_none() else "", mark)))
    picking._at.clear()

    def work_off():
        while jobs.work("service"):
            pass
        return seen

    return work_off


def test_clinics_take_turns_however_much_one_of_them_owes(north, south, order):
    first, second = sorted((north, south), key=lambda clinic: clinic.id)
    for n in range(6):
        jobs.enqueue("t.mark", key=f"t.mark:1:{n}", clinic_id=first.id, mark=n)
    for n in range(2):
        jobs.enqueue("t.mark", key=f"t.mark:2:{n}", clinic_id=second.id, mark=n)
    jobs.enqueue("t.mark", key="t.mark:0", mark=0)
    a, b = first.slug, second.slug
    assert order() == [(a, 0), (b, 0), ("", 0), (a, 1), (b, 1), (a, 2), (a, 3), (a, 4), (a, 5)]


def test_an_urgent_job_comes_before_its_clinics_others_and_a_low_one_behind(north, order, work):
    for name, priority in (("t.low", Priority.LOW), ("t.urgent", Priority.URGENT)):
        work(name, jobs._work["t.mark"].run, priority=priority)
    for n, name in enumerate(("t.low", "t.mark", "t.mark", "t.urgent")):
        jobs.enqueue(name, key=f"{name}:{n}", clinic_id=north.id, mark=n)
    assert [mark for _, mark in order()] == [3, 1, 2, 0]


def test_a_low_job_does_not_wait_for_ever(db, order, work):
    work("t.low", jobs._work["t.mark"].run, priority=Priority.LOW)
    jobs.enqueue("t.low", key="t.low:1", mark=1)
    jobs.enqueue("t.mark", key="t.mark:2", mark=2)
    Job.objects.filter(name="t.mark").update(rank_at=timezone.now() + timedelta(minutes=11))
    assert [mark for _, mark in order()] == [1, 2]


def test_what_is_not_due_is_not_picked_and_holds_nobody_up(db, order):
    jobs.enqueue("t.mark", key="t.mark:1", after=timedelta(hours=1), mark=1)
    jobs.enqueue("t.mark", key="t.mark:2", mark=2)
    assert [mark for _, mark in order()] == [2]


@pytest.mark.parametrize("but", [0, 1, 3])
def test_the_next_job_is_found_by_steps_in_an_index_whoever_is_left_out(db, but):
    out = [UUID(int=n << 100) for n in range(1, but + 1)]
    with connection.cursor() as cursor:
        for other in ("seqscan", "bitmapscan", "sort"):  # of an empty table anything is cheap
            cursor.execute(f"SET LOCAL enable_{other} = off")
        for first, end in picking.spans(picking.NOBODYS, out):
            cursor.execute(f"EXPLAIN {picking.NEXT}", ["service", first, end])
            plan = [line for (line,) in cursor.fetchall()]
            assert "job_next" in " ".join(plan)
            assert "Sort" not in " ".join(plan)
            (found_by,) = [line for line in plan if "Index Cond" in line]
            assert str(first) in found_by
            assert str(end) in found_by


PLACES = st.integers(0, 7) | st.integers(0, picking.HIGHEST) | st.just(picking.HIGHEST)


@given(last=PLACES, but=st.sets(PLACES, max_size=4), owing=st.sets(PLACES, max_size=6))
def test_turns_go_once_around_past_who_is_left_out(last, but, owing):
    spans = picking.spans(UUID(int=last), [UUID(int=place) for place in but])
    met = [place for first, end in spans for place in sorted(owing) if first.int <= place <= end.int]
    after = sorted(place for place in owing - but if place > last)
    assert met == after + sorted(place for place in owing - but if place <= last)


def test_a_queue_takes_no_more_of_a_process_than_its_own_number_and_one_for_another_clinic(north, south):
    bulkhead = Bulkhead()
    first, other = bulkhead.turns("service", 1), bulkhead.turns("other", 1)
    next(first).begins(north.id)
    next(other)
    beside = bulkhead.turns("service", 1)
    turn = next(beside)
    assert turn.but == {north.id}
    turn.begins(south.id)
    assert list(bulkhead.turns("service", 1)) == [], "all places are taken"
    assert list(bulkhead.turns("service", 1)) == []
    assert [turn.but for turn in beside] == [{north.id}, {north.id}], "two were turned away: who was there does their work"
    assert (list(first), list(other)) == ([], [])
    assert [turn.but for turn in bulkhead.turns("service", 1)] == [frozenset()]


def test_who_looks_for_another_clinics_job_in_vain_leaves_word(north):
    bulkhead = Bulkhead()
    first = bulkhead.turns("service", 1)
    next(first).begins(north.id)
    for turn in bulkhead.turns("service", 1):
        turn.found_nothing()
    assert list(bulkhead.turns("service", 1)) == [], "it is not looked again at once"
    assert len(list(first)) == 2


def test_word_of_who_looked_in_vain_is_not_lost_where_the_others_have_gone(north):
    bulkhead = Bulkhead()
    first, beside = bulkhead.turns("service", 1), bulkhead.turns("service", 1)
    next(first).begins(north.id)
    turn = next(beside)
    assert list(first) == []
    turn.found_nothing()
    assert [turn.but for turn in beside] == [frozenset()]


def test_who_is_told_of_several_does_them_and_stops_where_nothing_is_left(north):
    bulkhead, looks = Bulkhead(), 0
    for turn in bulkhead.turns("service", 1, 50):
        looks += 1
        if looks <= 3:
            turn.begins(north.id)
        else:
            turn.found_nothing()
    assert looks == 5, "three jobs, and two looks in vain: the second for what came during the first"


def test_what_a_full_house_is_told_of_is_done_by_who_is_there(north):
    bulkhead = Bulkhead()
    first, beside = bulkhead.turns("service", 1), bulkhead.turns("service", 1)
    next(first).begins(north.id)
    next(beside)
    assert list(bulkhead.turns("service", 1, 7)) == []
    assert len(list(first)) == 7


def test_a_process_that_ends_begins_nothing_more(north):
    bulkhead = Bulkhead()
    first = bulkhead.turns("service", 1, 50)
    next(first).begins(north.id)
    bulkhead.close()
    assert (list(first), list(bulkhead.turns("other", 1))) == ([], [])


def test_a_place_is_free_again_after_a_fault():
    bulkhead = Bulkhead()
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            for turn in bulkhead.turns("service", 1):
                assert turn.but == frozenset()
                raise ZeroDivisionError


@pytest.mark.parallel
def test_a_job_does_not_wait_for_another_clinics_long_ones(committed, north, south, work):
    """Each place of the queue is at a long job of one clinic, and more of them are owed: the other's is done all the same."""
    began, goes_on, done = threading.Semaphore(0), threading.Event(), []

    def long():
        began.release()
        goes_on.wait(20)

    work("t.long", long, queue="chequp")
    work("t.short", lambda: done.append(clinic_or_none().id), queue="chequp")
    for n in range(3):
        jobs.enqueue("t.long", key=f"t.long:{n}", clinic_id=north.id)

    def at_work():
        jobs.work("chequp")
        connections.close_all()

    threads = [threading.Thread(target=at_work) for _ in range(4)]
    threads[0].start()
    assert began.acquire(timeout=20)
    jobs.enqueue("t.short", key="t.short:1", clinic_id=south.id)
    for thread in threads[1:]:
        thread.start()
    for thread in threads[1:]:
        thread.join(20)
    assert done == [south.id]
    assert not began.acquire(blocking=False), "one clinic has no more than the queue's own places"
    goes_on.set()
    threads[0].join(20)
    assert Job.objects.filter(name="t.long", state="done").count() == 3
