"""Does a kind keep its contract? The conformance kit, also for kinds from other packages:

    class TestAcupuncture(KindConformance):
        kind = Acupuncture()

It needs pytest, but neither a database nor a running product. Override `person` to describe a patient your kind is for.
"""

import datetime as dt
import inspect
import pickle
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

from appointments import slots
from appointments.plugins.base import Kind
from appointments.plugins.registry import CODE
from appointments.plugins.terms import terms_of
from clinics.settings_of import KindTerms
from healthcare.core.errors import Reason

NOW = dt.datetime(2030, 6, 3, 9, 0, tzinfo=dt.UTC)
DURATIONS = ("length", "buffer", "notice", "horizon")


class KindConformance:
    """Derive, set `kind`, run pytest."""

    kind: Kind

    def person(self) -> Any:
        """A patient who may have this kind: what a plugin may read of a chart."""
        return SimpleNamespace(date_of_birth=dt.date(1990, 2, 28), sex="female", language="en")

    def card(self, **own: Any) -> Any:
        """A practitioner's card without terms of its own."""
        no_terms = dict.fromkeys(("slot_minutes", "buffer_minutes", "notice_minutes", "horizon_days"))
        return SimpleNamespace(**{"kinds": [self.kind.code], "speciality": "", **no_terms, **own})

    def test_the_code_can_go_on_the_wire_and_into_the_database(self) -> None:
        assert CODE.match(self.kind.code)

    def test_it_has_a_name_for_people(self) -> None:
        assert self.kind.name.strip() == self.kind.name != ""

    def test_its_durations_are_durations(self) -> None:
        assert {type(getattr(self.kind, name)) for name in DURATIONS} == {dt.timedelta}

    def test_its_terms_are_accepted_by_the_slot_engine(self) -> None:
        terms = terms_of(self.kind, self.card(), KindTerms())
        assert (terms.length, terms.buffer_after) == (self.kind.length, self.kind.buffer)

    def test_a_day_of_it_can_be_offered(self) -> None:
        hours = [slots.WeeklyHours(weekday, dt.time(0), dt.time(0)) for weekday in range(7)]
        doctor = slots.Resource("practitioner:test")
        schedule = slots.Schedule(doctor, dt.UTC, NOW, terms_of(self.kind, self.card(), KindTerms()), hours)
        first = NOW + self.kind.notice
        assert slots.offers(schedule, slots.Interval(first, first + self.kind.horizon), limit=1)

    def test_it_claims_the_practitioner(self) -> None:
        assert "practitioner" in self.kind.claims

    def test_somebody_it_is_for_may_have_it(self) -> None:
        assert self.kind.eligibility(self.person(), NOW) == []

    def test_eligibility_answers_reasons_and_changes_nothing(self) -> None:
        somebody: Any = SimpleNamespace(date_of_birth=None, sex="unknown", language="en")
        before = pickle.dumps(vars(somebody))
        answer = self.kind.eligibility(somebody, NOW)
        assert all(isinstance(reason, Reason) and CODE.match(reason.code) and reason.detail for reason in answer)
        assert pickle.dumps(vars(somebody)) == before

    def test_a_practitioner_who_does_not_offer_it_does_not_perform_it_by_default(self) -> None:
        if type(self.kind).performed_by is Kind.performed_by:
            assert not self.kind.performed_by(self.card(kinds=[]))

    def test_the_price_is_exact(self) -> None:
        assert self.kind.price is None or (isinstance(self.kind.price, Decimal) and self.kind.price >= 0)

    def test_the_hook_takes_what_it_is_given(self) -> None:
        inspect.signature(self.kind.on_step).bind("book", SimpleNamespace(), by=None, now=NOW)
