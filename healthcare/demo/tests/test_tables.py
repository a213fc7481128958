"""Are the demo's tables sound by themselves?"""

import datetime as dt
import unicodedata
from uuid import UUID

import phonenumbers
import pytest

from healthcare.demo.clinics import DEMO_CLINICS, ROUND_THE_CLOCK, DemoClinic
from healthcare.demo.ids import dice, seeded_id
from healthcare.demo.names import CULTURES
from healthcare.demo.plan import day_id, is_seeded

AT = dt.datetime(2026, 11, 18, 9, 0, tzinfo=dt.UTC)
each_clinic = pytest.mark.parametrize("demo", DEMO_CLINICS, ids=lambda demo: demo.slug)


@each_clinic
def test_practitioners_work_while_the_house_is_open(demo: DemoClinic) -> None:
    for card in demo.cards:
        for weekday, opens, closes in card.weekly:
            assert any(weekday == day and opens >= since and closes <= until for day, since, until in demo.hours), card.name


@each_clinic
def test_urgent_care_is_open_round_the_clock_with_eight_doctors(demo: DemoClinic) -> None:
    urgent = demo.all_cards[len(demo.cards) :]
    assert [card.weekly for card in urgent] == [ROUND_THE_CLOCK] * 8
    assert len({card.name for card in demo.all_cards}) == 16


@each_clinic
def test_every_phone_number_of_the_block_is_valid(demo: DemoClinic) -> None:
    for number in (0, 299, 998):
        text = f"{demo.phones}{number:0{13 - len(demo.phones)}d}"
        assert phonenumbers.is_valid_number(phonenumbers.parse(text, None)), text


def test_names_are_written_in_the_script_that_their_row_says() -> None:
    for culture in CULTURES:
        letters = {c for name in (*culture.women, *culture.men) for c in name if unicodedata.category(c) in ("Lu", "Ll", "Lo")}
        assert {unicodedata.name(c).split()[0] for c in letters} == {culture.script}
    assert len({culture.script for culture in CULTURES}) >= 19


def test_a_seeded_id_is_a_version_7_id_of_its_instant_and_follows_from_its_words() -> None:
    one = seeded_id(AT, "north", 1)
    assert one == seeded_id(AT, "north", 1) != seeded_id(AT, "north", 2)
    assert (one.version, one.variant) == (7, UUID(int=0b10 << 62).variant)
    assert one.int >> 80 == int(AT.timestamp() * 1000)


def test_an_id_tells_whether_the_demo_made_it() -> None:
    demo = DEMO_CLINICS[0]
    assert is_seeded(demo, day_id(demo, AT.date(), 17), AT.date())
    assert not is_seeded(demo, day_id(demo, AT.date(), 17), AT.date() + dt.timedelta(days=1))
    assert not is_seeded(demo, day_id(DEMO_CLINICS[1], AT.date(), 17), AT.date())
    assert not is_seeded(demo, seeded_id(AT, "somebody"), AT.date())


def test_the_same_words_throw_the_same_dice() -> None:
    assert dice("a", 1).random() == dice("a", 1).random() != dice("a", 2).random()
