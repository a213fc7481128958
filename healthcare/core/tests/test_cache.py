"""Is what is kept ever another clinic's, older than a write that was answered, or readable in the store?"""

import io
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import redis
from django.core.management import call_command
from django.db import connection, transaction

from clinics.models import Clinic
from clinics.services.changing import change_clinic
from healthcare.core import breakers, cache, jobs, stamps
from healthcare.core.cache import APPOINTMENTS, PATIENT
from healthcare.core.models import Job
from healthcare.core.tenancy import NoClinic, find_clinic, in_clinic
from healthcare.tests.client import client

pytestmark = pytest.mark.parallel


@pytest.fixture
def database(request, django_db_setup, django_db_blocker):
    """Inside a transaction nothing is kept, so these tests have none; who writes asks for `committed` as well."""
    with django_db_blocker.unblock():
        yield request.getfixturevalue("committed") if "committed" in request.fixturenames else None


class Source:
    """What a database would say; counts how often it was asked."""

    def __init__(self, value):
        self.value, self.asked = value, 0

    def __call__(self):
        self.asked += 1
        return self.value


@pytest.fixture
def restored(committed, north):
    """The clinic as it was: its row is kept from test to test."""
    yield
    Clinic.objects.filter(pk=north.pk).update(address="", version=1)


def other_process():
    """What another process knows is in the store alone."""
    with cache._lock:
        cache._memory.clear()


class TestKeeping:
    def test_it_is_asked_once_then_kept_in_memory_and_for_other_processes_in_the_store(self, north):
        said = Source({"n": 1})
        with in_clinic(north):
            read = [APPOINTMENTS.read("k", said), APPOINTMENTS.read("k", said)]
            other_process()
            read.append(APPOINTMENTS.read("k", said))
        assert (read, said.asked) == ([{"n": 1}] * 3, 1)

    def test_what_one_reader_does_with_it_no_other_sees(self, north):
        with in_clinic(north):
            for _ in range(2):
                APPOINTMENTS.read("k", Source([1])).append(2)
            assert APPOINTMENTS.read("k", Source([])) == [1]

    def test_each_clinic_has_its_own_under_the_same_key(self, north, south):
        for clinic, value in ((north, "n"), (south, "s")):
            with in_clinic(clinic):
                assert PATIENT.read("k", Source(value)) == value
        with in_clinic(north):
            assert PATIENT.read("k", Source("x")) == "n"

    def test_outside_a_clinic_nothing_is_read_forgotten_or_defaulted(self, database):
        for ask in (lambda: PATIENT.read("k", Source(1)), PATIENT.forget):
            with pytest.raises(NoClinic):
                ask()

    def test_nothing_and_what_is_too_large_is_not_kept(self, north):
        nothing, large = Source(None), Source("x" * (cache.LARGEST + 1))
        with in_clinic(north):
            for said in (nothing, large):
                APPOINTMENTS.read(str(id(said)), said)
                APPOINTMENTS.read(str(id(said)), said)
        assert (nothing.asked, large.asked) == (2, 2)

    def test_inside_a_transaction_the_database_is_asked_and_nothing_is_kept(self, north):
        said = Source(1)
        with in_clinic(north):
            with transaction.atomic():
                APPOINTMENTS.read("k", said)
            APPOINTMENTS.read("k", said)
        assert said.asked == 2

    def test_a_value_is_kept_no_longer_than_its_area_says(self, north):
        with in_clinic(north):
            for area in cache.AREAS.values():
                area.read("k", Source(1))
        ends = {name.decode().split(":")[3]: stamps.store().ttl(name) for name in stamps.store().scan_iter("hc:value:*")}
        assert {area: 0 < ends[area] <= cache.AREAS[area].seconds for area in ends} == dict.fromkeys(cache.AREAS, True)
        assert {name: area.seconds for name, area in cache.AREAS.items()} == {
            "clinic": 3600, "patient": 1800, "appointments": 300, "emergency": 60
        }  # fmt: skip


class TestSecrecy:
    def test_neither_names_nor_values_nor_keys_of_people_can_be_read_in_the_store_or_in_memory(self, north):
        with in_clinic(north):
            PATIENT.read("phone:+49301234567", Source({"first_name": "Zubeida"}), subject="MRN-12")
        kept = b" ".join(name + (stamps.store().get(name) or b"") for name in stamps.store().scan_iter("hc:*"))
        kept += b" ".join(name.encode() + one.body for name, one in cache._memory.items())
        assert not [word for word in (b"Zubeida", b"49301234567", b"MRN-12", b"first_name") if word in kept]
        assert str(north.id).encode() in kept

    def test_a_value_moved_to_another_clinic_or_name_does_not_open(self, north, south):
        for clinic in (north, south):
            with in_clinic(clinic):
                PATIENT.read("k", Source(clinic.slug))
        one, other = sorted(stamps.store().scan_iter("hc:value:*"))
        stamps.store().set(one, stamps.store().get(other))
        other_process()
        for clinic in (north, south):
            with in_clinic(clinic):
                assert PATIENT.read("k", Source(clinic.slug)) == clinic.slug


class TestForgetting:
    def test_after_the_writes_own_answer_every_process_reads_the_new_value(self, north):
        said = Source(1)
        with in_clinic(north):
            APPOINTMENTS.read("k", said)
            with transaction.atomic():
                said.value = 2
                APPOINTMENTS.forget()
            assert APPOINTMENTS.read("k", said) == 2

    def test_while_a_write_is_under_way_nobody_keeps_what_it_may_make_old(self, north):
        """A reader between the mark and the commit reads the old value; the next one after the commit must not."""
        said = Source("old")
        with in_clinic(north):
            with transaction.atomic():
                APPOINTMENTS.forget()
                with ThreadPoolExecutor(1) as elsewhere:
                    assert elsewhere.submit(_in, north, lambda: APPOINTMENTS.read("k", said)).result() == "old"
                said.value = "new"
            assert APPOINTMENTS.read("k", said) == "new"

    def test_who_began_to_load_before_the_write_keeps_nothing_for_those_after_it(self, north):
        begun, go = threading.Event(), threading.Event()

        def slow():
            begun.set()
            assert go.wait(10)
            return "old"

        with ThreadPoolExecutor(1) as elsewhere, in_clinic(north):
            early = elsewhere.submit(_in, north, lambda: APPOINTMENTS.read("k", slow))
            assert begun.wait(10)
            APPOINTMENTS.forget()
            assert APPOINTMENTS.read("k", Source("new")) == "new"
            go.set()
            assert early.result() == "old"
            assert APPOINTMENTS.read("k", Source("newer")) == "new"

    def test_a_write_that_is_taken_back_or_killed_leaves_a_mark_that_ends_by_itself(self, north):
        with in_clinic(north):
            APPOINTMENTS.read("k", Source(1))
            with pytest.raises(ZeroDivisionError), transaction.atomic():
                APPOINTMENTS.forget()
                raise ZeroDivisionError
            assert APPOINTMENTS.read("k", Source(2)) == 2
            (stamp,) = stamps.store().scan_iter("hc:stamp:*")
            assert stamps.store().get(stamp).startswith(b"!") and 0 < stamps.store().pttl(stamp) <= stamps.DIRTY_MS
            stamps.store().delete(stamp)
            assert APPOINTMENTS.read("k", Source(3)) == 3

    def test_of_two_writes_at_once_the_first_to_end_does_not_clean_for_the_other(self, north):
        second_marked, first_done, results = threading.Event(), threading.Event(), []

        def second():
            with transaction.atomic():
                APPOINTMENTS.forget()
                second_marked.set()
                assert first_done.wait(10)
            results.append(APPOINTMENTS.read("k", Source("after both")))

        with ThreadPoolExecutor(1) as elsewhere, in_clinic(north):
            with transaction.atomic():
                APPOINTMENTS.forget()
                other = elsewhere.submit(_in, north, second)
                assert second_marked.wait(10)
            said = Source("between")
            APPOINTMENTS.read("k", said)
            APPOINTMENTS.read("k", said)
            assert said.asked == 2  # nothing is kept while the second still writes
            first_done.set()
            other.result()
        assert results == ["after both"]

    def test_one_subject_is_forgotten_without_the_others(self, north):
        with in_clinic(north):
            for subject in ("a", "b"):
                APPOINTMENTS.read("k", Source(1), subject=subject)
            APPOINTMENTS.forget(subject="a")
            assert [APPOINTMENTS.read("k", Source(2), subject=subject) for subject in ("a", "b")] == [2, 1]


class TestAtOnce:
    def test_many_who_ask_at_once_ask_the_database_once(self, north):
        said, together = Source("v"), threading.Barrier(20)

        def ask():
            together.wait(10)
            return APPOINTMENTS.read("k", said)

        with ThreadPoolExecutor(20) as pool:
            read = [one.result() for one in [pool.submit(_in, north, ask) for _ in range(20)]]
        assert (set(read), said.asked) == ({"v"}, 1)

    def test_a_loader_that_fails_fails_for_itself_alone(self, north):
        with in_clinic(north):
            with pytest.raises(ZeroDivisionError):
                APPOINTMENTS.read("k", lambda: 1 // 0)
            assert APPOINTMENTS.read("k", Source(1)) == 1


class TestAway:
    @pytest.fixture
    def away(self, monkeypatch):
        nobody = redis.Redis.from_url("redis://127.0.0.1:1", socket_connect_timeout=0.1)
        monkeypatch.setattr(stamps, "store", lambda: nobody)

    def test_everybody_goes_to_the_database_and_after_three_tries_without_asking(self, north, away):
        said = Source(1)
        with in_clinic(north):
            assert [APPOINTMENTS.read("k", said) for _ in range(5)] == [1] * 5
        assert (said.asked, breakers.states()["cache"]) == (5, "open")

    def test_a_change_goes_on_and_its_new_stamp_is_owed_with_it(self, north, restored, away, monkeypatch):
        change_clinic(clinic=north, by=None, now=north.created_at, address="2 Low Street")
        (job,) = Job.objects.filter(name="cache.renew")
        assert jobs.run(job.id) is False  # still away: tried again
        monkeypatch.undo()
        breakers._breakers.clear()
        find_clinic("north")
        before = stamps.store().get(*stamps.store().scan_iter("hc:stamp:platform:clinic:*"))
        job.state, job.due_at = Job.State.READY, north.created_at
        job.save()
        assert jobs.run(job.id) is True
        assert stamps.store().get(*stamps.store().scan_iter("hc:stamp:platform:clinic:*")) != before


class TestClinics:
    def test_a_changed_clinic_is_seen_at_once_by_a_process_that_knew_it(self, north, restored):
        assert find_clinic("north").address == ""
        with cache._lock:
            known = dict(cache._memory.items())
        change_clinic(clinic=north, by=None, now=north.created_at, address="2 Low Street")
        for name, kept in known.items():  # the other process' memory, as it was
            cache._memory[name] = kept
        assert find_clinic("north").address == "2 Low Street"

    def test_a_found_clinic_is_whole_and_costs_no_query(self, north, django_assert_num_queries):
        assert find_clinic("north") == north
        with django_assert_num_queries(0):
            found = find_clinic("NORTH"), find_clinic("north")
        assert [one.__dict__.keys() == north.__dict__.keys() for one in found] == [True, True]
        assert found[0].created_at == north.created_at and found[0].id == north.id

    def test_the_directory_is_read_once_and_anew_after_a_change(self, north, restored, django_assert_num_queries):
        nobody = client(None, None)
        assert len(nobody.get("/clinics").json()["results"]) == 2
        with django_assert_num_queries(0):
            nobody.get("/clinics")
        change_clinic(clinic=north, by=None, now=north.created_at, address="2 Low Street")
        assert nobody.get("/clinics").json()["results"][0]["address"] == "2 Low Street"

    def test_inside_a_change_its_own_state_is_read_and_kept_by_nobody(self, north):
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            change_clinic(clinic=north, by=None, now=north.created_at, address="never")
            assert find_clinic("north").address == "never"
            raise ZeroDivisionError
        stamps.store().delete(*stamps.store().scan_iter("hc:stamp:*"))
        assert find_clinic("north").address == ""


class TestClearing:
    def test_one_clinic_is_cleared_and_the_others_stay(self, north, south):
        for clinic in (north, south):
            with in_clinic(clinic):
                APPOINTMENTS.read("k", Source("old"))
        out = io.StringIO()
        call_command("cache_clear", "--clinic", "north", stdout=out)
        assert "north" in out.getvalue()
        for clinic, value in ((north, "new"), (south, "old")):
            with in_clinic(clinic):
                assert APPOINTMENTS.read("k", Source("new")) == value

    def test_what_others_keep_in_the_same_store_stays(self, database):
        stamps.store().set("limit:x", 1)
        call_command("cache_clear", stdout=io.StringIO())
        assert (stamps.store().get("limit:x"), list(stamps.store().scan_iter("hc:*"))) == (b"1", [])
        stamps.store().delete("limit:x")


def test_reads_are_counted_by_what_became_of_them(north):
    before = cache.figures()["appointments"]
    with in_clinic(north):
        for _ in range(3):
            APPOINTMENTS.read("k", Source(1))
        other_process()
        APPOINTMENTS.read("k", Source(1))
    now = cache.figures()["appointments"]
    assert {name: now[name] - before[name] for name in cache.OUTCOMES} == {"memory": 2, "store": 1, "loaded": 1, "straight": 0}


def _in(clinic, ask):
    try:
        with in_clinic(clinic):
            return ask()
    finally:
        connection.close()
