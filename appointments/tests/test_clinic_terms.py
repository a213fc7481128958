"""Does the engine work on the clinic's terms, and whose word counts most?"""

import datetime as dt
from decimal import Decimal

import pytest
from django.utils import timezone

from appointments.plugins.registry import kind_named
from appointments.plugins.terms import terms_of
from appointments.queue import merge
from appointments.queue.merge import Waiter
from appointments.services.availability import free_times
from appointments.services.booking import book
from appointments.services.judging import NotBookable
from clinics.services.changing import change_settings
from clinics.settings_of import KindTerms
from healthcare.core.tenancy import in_clinic
from healthcare.tests import make

UNSTATED = dict.fromkeys(("slot_minutes", "buffer_minutes", "notice_minutes", "horizon_days"))
MINUTE = dt.timedelta(minutes=1)
CONSULTATION = {"kind": "consultation", "length_minutes": None, "price": None, "buffer_minutes": None, "notice_minutes": None,
                "horizon_days": None}  # fmt: skip


def settle(clinic, **changes):
    return change_settings(clinic=clinic, by=None, now=timezone.now(), **changes)


@pytest.mark.parametrize(
    ("own", "clinic", "minutes"),
    [(10, 20, 10), (None, 20, 20), (None, None, 30), (10, None, 10)],
    ids=["practitioner over clinic", "clinic over kind", "kind", "practitioner over kind"],
)
def test_the_practitioners_word_counts_most_then_the_clinics_then_the_kinds(own, clinic, minutes):
    from appointments.models import Practitioner

    terms = terms_of(kind_named("consultation"), Practitioner(slot_minutes=own), KindTerms(length_minutes=clinic))
    assert terms.length == minutes * MINUTE
    assert terms.grid == (15 * MINUTE if own is clinic is None else minutes * MINUTE)


@pytest.mark.django_db
class TestEngine:
    def test_what_a_clinic_says_of_a_kind_wins_over_what_it_says_of_all(self, north):
        settle(north, buffer_minutes=40, notice_minutes=120, kinds=[{**CONSULTATION, "buffer_minutes": 3}])
        with in_clinic(north):
            terms = terms_of(kind_named("consultation"), make.practitioner(**UNSTATED))
        assert (terms.buffer_after, terms.notice) == (3 * MINUTE, 120 * MINUTE)

    def test_free_times_and_bookings_follow_the_clinics_length(self, north):
        settle(north, kinds=[{**CONSULTATION, "length_minutes": 45}])
        with in_clinic(north):
            doctor, kind, now = make.practitioner(**UNSTATED), kind_named("consultation"), timezone.now()
            free = free_times(practitioner=doctor, kind=kind, day=now.date(), days=14, now=now)
            row = book(
                kind="consultation", patient=make.patient(), practitioner=doctor, starts_at=free[-1].starts_at, by=None, now=now
            )
        assert row.ends_at - row.starts_at == 45 * MINUTE

    def test_what_the_clinic_does_not_offer_is_not_free_and_not_bookable(self, north, api):
        with in_clinic(north):
            doctor, kind, now = make.practitioner(), kind_named("consultation"), timezone.now()
            slot = free_times(practitioner=doctor, kind=kind, day=now.date(), days=14, now=now)[-1]
        settle(north, kinds=[])
        with in_clinic(north):
            assert free_times(practitioner=doctor, kind=kind, day=now.date(), days=14, now=now) == []
            with pytest.raises(NotBookable) as refused:
                book(
                    kind="consultation", patient=make.patient(), practitioner=doctor, starts_at=slot.starts_at, by=None, now=now
                )
        assert refused.value.code == "kind_not_offered"
        assert api("patient").get("/appointments/kinds").json()["results"] == []

    def test_the_list_of_kinds_says_the_clinics_length_price_and_currency(self, north, api):
        settle(north, currency="INR", kinds=[{**CONSULTATION, "length_minutes": 20, "price": "500.00"}])
        (kind,) = api("patient").get("/appointments/kinds").json()["results"]
        assert (kind["minutes"], Decimal(kind["price"]), kind["currency"]) == (20, Decimal(500), "INR")

    def test_the_clinics_hours_hold_where_a_place_states_none(self, north):
        settle(north, hours=[{"weekday": day, "opens": "11:00", "closes": "12:00"} for day in range(7)])
        with in_clinic(north):
            doctor, now = make.practitioner(), timezone.now()
            free = free_times(practitioner=doctor, kind=kind_named("consultation"), day=now.date(), days=14, now=now)
            assert {slot.starts_at.astimezone(doctor.place.clock).hour for slot in free} == {11}


@pytest.mark.django_db
class TestQueue:
    def test_the_clinic_chooses_in_which_order_people_are_called(self, north):
        nine = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
        booked = Waiter("normal", nine, nine + 15 * MINUTE, 2)
        walked_in = Waiter("normal", None, nine + 5 * MINUTE, 1)
        orders = {}
        for name, queue in {
            "booked": {"merge_rule": "booked_time", "grace_minutes": 20},
            "strict": {"merge_rule": "booked_time", "grace_minutes": 0},
            "arrival": {"merge_rule": "arrival", "grace_minutes": 20},
        }.items():
            settle(north, queue=queue)
            with in_clinic(north):
                orders[name] = [one.serial for one in sorted([booked, walked_in], key=merge.rule())]
        assert orders == {"booked": [2, 1], "strict": [1, 2], "arrival": [1, 2]}
