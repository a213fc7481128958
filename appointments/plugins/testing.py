"""Does a kind keep its contract? The conformance kit, also for kinds from other packages:

    class TestAcupuncture(KindConformance):
        kind = Acupuncture()

It needs pytest, but neither a database nor a running product. Override `person` to describe a patient your kind is for, and
`rule_holds` to prove what makes it a kind of its own.
"""

import datetime as dt
import inspect
import pickle
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

from appointments import slots
from appointments.plugins.base import Kind
from appointments.plugins.owing import CARE
from appointments.plugins.registry import CODE, kinds
from appointments.plugins.terms import terms_of
from clinics.settings_of import KindTerms
from healthcare.core.errors import Reason

NOW = dt.datetime(2030, 6, 3, 9, 0, tzinfo=dt.UTC)
DURATIONS = ("length", "buffer", "setup", "notice", "horizon")


class KindConformance:
    """Derive, set `kind`, run pytest."""

    kind: Kind

    def person(self) -> Any:
        """A patient who may have this kind: what a plugin may read of a chart."""
        known = {"date_of_birth": dt.date(1990, 2, 28), "sex": "female", "language": "en", "phone": "+49301", "email": None}
        return SimpleNamespace(**known)

    def rule_holds(self) -> bool:
        """Is what `kind.rule` says true of the kind? Asked of its own behaviour, not of its words."""
        raise NotImplementedError("say by `rule_holds` what makes it a kind of its own")

    def card(self, **own: Any) -> Any:
        """A practitioner's card without terms of its own."""
        no_terms = dict.fromkeys(("slot_minutes", "buffer_minutes", "notice_minutes", "horizon_days"))
        profession = next(iter(self.kind.professions), "doctor")
        return SimpleNamespace(**{"kinds": [self.kind.code], "speciality": "", "profession": profession, **no_terms, **own})

    def starts(self, now: dt.datetime = NOW, days: int = 2) -> list[dt.datetime]:
        """When it is offered from `now` on, by somebody who works round the clock at a place without zone."""
        hours = [slots.WeeklyHours(weekday, dt.time(0), dt.time(0)) for weekday in range(7)]
        between = [slots.WeeklyHours(w, *self.kind.between) for w in range(7)] if self.kind.between else None
        terms = terms_of(self.kind, self.card(), KindTerms())
        doctor = slots.Resource("practitioner:test")
        schedule = slots.Schedule(doctor, dt.UTC, now, terms, hours, kind_hours=between)
        return [slot.starts_at for slot in slots.offers(schedule, slots.Interval(now, now + dt.timedelta(days=days)))]

    def refused(self, past: list[tuple[str, dt.timedelta]] = [], **person: Any) -> set[str]:  # noqa: B006 (never changed)
        """Codes against somebody who differs so from `person`, and had these kinds so long before NOW."""
        somebody: Any = SimpleNamespace(**{**vars(self.person()), **person})
        of_past = self.kind.past_reasons([(kind, NOW - ago) for kind, ago in past], NOW)
        return {reason.code for reason in (*self.kind.eligibility(somebody, NOW), *of_past)}

    def test_the_code_can_go_on_the_wire_and_into_the_database(self) -> None:
        assert CODE.match(self.kind.code)

    def test_it_has_a_name_for_people(self) -> None:
        assert self.kind.name.strip() == self.kind.name != ""

    def test_its_rule_is_said_and_holds(self) -> None:
        assert self.kind.rule.endswith(".")
        assert self.rule_holds()

    def test_no_other_kind_has_the_same_terms(self) -> None:
        def terms(kind: Kind) -> dict[str, Any]:
            names = [name for name in vars(Kind) if not name.startswith("_") and not callable(getattr(Kind, name))]
            return {name: getattr(kind, name) for name in names if name not in ("code", "name", "rule")}

        assert [
            other.code for other in kinds().values() if other.code != self.kind.code and terms(other) == terms(self.kind)
        ] == []

    def test_its_advice_and_stations_can_be_written(self) -> None:
        assert all(isinstance(one.at, dt.timedelta) and 0 < len(one.text) <= 300 for one in self.kind.advice)
        assert all(CODE.match(one.code) and one.minutes > 0 for one in self.kind.stations)

    def test_the_work_it_owes_is_a_job(self) -> None:
        assert self.kind.work in CARE

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
        somebody: Any = SimpleNamespace(date_of_birth=None, sex="unknown", language="en", phone=None, email=None)
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
