"""Which words is a name found by, in whatever script and however it is typed?"""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patients import names

TEXT = st.text(max_size=40)


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        (("José", "Muñoz"), "jose munoz"),
        (("Anne-Marie", "O’Brien"), "annemarie obrien"),
        (("Anne-Marie", "O’Brien"), "Marie Brien"),
        (("IŞIL", "Kılıç"), "isil kilic"),
        (("Łukasz", "Strauß"), "lukasz strauss"),
        (("Þóra", "Æsirsdóttir"), "thora aesirsdottir"),
        (("आशा", "राव"), "आशा राव"),
        (("أحمد", "الحَسَن"), "احمد الحسن"),
        (("שָׂרָה", "לֵוִי"), "שרה לוי"),
        (("小龙", "李"), "李小龙"),
        (("Ｍｉｒａ", "Rao,Kumar"), "mira kumar"),
        (("Αθηνά", "Παππάς"), "αθηνα παππασ"),
    ],
)
def test_a_name_is_found_however_it_is_typed(name, typed):
    assert set(names.typed(typed)) <= set(names.words(*name))


def test_vowel_signs_of_indic_scripts_tell_names_apart():
    assert names.words("राम") != names.words("रीमा")


def test_signs_alone_are_no_words():
    assert names.typed("!? -- ’") == [] == names.words("…", "")


@given(TEXT, TEXT)
@settings(max_examples=60, deadline=None)
def test_whoever_types_the_whole_name_as_it_is_written_finds_it(first, last):
    indexed = names.words(first, last)
    assert set(names.typed(f"{first} {last}")) <= set(indexed) or len(indexed) >= names.MOST_WORDS


@given(TEXT)
@settings(max_examples=60, deadline=None)
def test_a_word_once_plain_stays_as_it_is(text):
    for word in names.typed(text):
        assert names.typed(word) in ([word], [names.plain(word)])
