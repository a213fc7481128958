"""Do kinds keep their contract, and does the registry say what is wrong with those that don't?"""

import datetime as dt
import sys
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from appointments.plugins.base import Kind, years_between
from appointments.plugins.consultation import Consultation
from appointments.plugins.registry import UnknownKind, hooks_of, kind_named, kinds
from appointments.plugins.terms import terms_of
from appointments.plugins.testing import NOW, KindConformance
from clinics.settings_of import KindTerms


class TestARowOfValues(KindConformance):
    kind = Kind(code="recall", name="Recall", length=dt.timedelta(minutes=15), youngest=18, rule="For grown-ups.")

    def rule_holds(self) -> bool:
        return self.refused(date_of_birth=dt.date(2015, 1, 1)) == {"too_young"}


@pytest.fixture
def package(monkeypatch: pytest.MonkeyPatch, settings: Any) -> Any:
    """A package of somebody else's, and what it offers as the setting."""

    def offer(*things: Any) -> None:
        module = ModuleType("their_kinds")
        for number, thing in enumerate(things):
            setattr(module, f"KIND_{number}", thing)
        monkeypatch.setitem(sys.modules, "their_kinds", module)
        settings.APPOINTMENT_PLUGINS = [f"their_kinds.KIND_{number}" for number in range(len(things))]

    return offer


def test_classes_rows_and_lists_of_other_packages_are_kinds(package: Any) -> None:
    package(Consultation, Kind(code="row", name="Row"), [Kind(code="one", name="One"), Kind(code="two", name="Two")])
    assert list(kinds()) == ["consultation", "row", "one", "two"]
    assert kind_named("two").name == "Two"


@pytest.mark.parametrize(
    "things",
    [
        (Consultation, Consultation),
        (object(),),
        (Kind(code="Not a code", name="x"),),
        (Kind(name="no code"),),
        (Kind(code="room", name="x", claims=("practitioner", "moon")),),
        (Kind(code="nobody", name="x", claims=("patient",)),),
    ],
)
def test_what_can_be_no_kind_or_is_there_twice_stops_the_start(package: Any, things: tuple[Any, ...]) -> None:
    package(*things)
    with pytest.raises(ImproperlyConfigured):
        kinds()


def test_a_path_that_leads_nowhere_stops_the_start(settings: Any) -> None:
    settings.APPOINTMENT_PLUGINS = ["nowhere.Kind"]
    with pytest.raises(ImproperlyConfigured):
        kinds()


def test_an_unknown_kind_is_a_refusal_and_has_no_hooks() -> None:
    with pytest.raises(UnknownKind) as refused:
        kind_named("alchemy")
    assert (refused.value.code, refused.value.status) == ("unknown_kind", 409)
    assert type(hooks_of("alchemy")) is Kind


def test_a_misspelt_value_is_refused() -> None:
    with pytest.raises(TypeError):
        Kind(code="x", lenght=dt.timedelta(1))


@pytest.mark.parametrize(
    ("born", "sex", "codes"),
    [
        (dt.date(2012, 6, 3), "female", []),
        (dt.date(2012, 6, 4), "female", ["too_young"]),
        (dt.date(1964, 6, 4), "female", []),
        (dt.date(1964, 6, 3), "female", ["too_old"]),
        (None, "male", ["age_unknown", "not_for_this_sex"]),
    ],
)
def test_age_and_sex_decide_to_the_day(born: dt.date | None, sex: str, codes: list[str]) -> None:
    kind = Kind(code="x", name="X", youngest=18, oldest=65, sexes=frozenset({"female"}))
    patient: Any = SimpleNamespace(date_of_birth=born, sex=sex)
    assert [reason.code for reason in kind.eligibility(patient, NOW)] == codes


def test_who_is_born_on_29_february_grows_older_on_1_march() -> None:
    born = dt.date(2000, 2, 29)
    assert [years_between(born, dt.date(2018, *day)) for day in ((2, 28), (3, 1))] == [17, 18]


def test_a_practitioners_own_terms_win_and_the_grid_follows_the_length() -> None:
    own: Any = SimpleNamespace(slot_minutes=20, buffer_minutes=0, notice_minutes=5, horizon_days=3)
    none: Any = SimpleNamespace(slot_minutes=None, buffer_minutes=None, notice_minutes=None, horizon_days=None)
    minutes = dt.timedelta(minutes=1)
    mine, theirs = terms_of(Consultation(), own, KindTerms()), terms_of(Consultation(), none, KindTerms())
    assert (mine.length, mine.grid, mine.buffer_after, mine.notice) == (20 * minutes, 20 * minutes, 0 * minutes, 5 * minutes)
    assert (theirs.length, theirs.grid, theirs.buffer_after) == (30 * minutes, 15 * minutes, 15 * minutes)
    assert (mine.horizon, theirs.horizon) == (dt.timedelta(days=3), dt.timedelta(days=90))
