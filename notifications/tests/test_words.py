"""Has every message its own words in every language and form?"""

import datetime as dt
from itertools import combinations
from types import SimpleNamespace

import pytest

from healthcare.core.languages import LANGUAGES
from notifications.messages import BY_CODE
from notifications.samples import rendered

NOW = dt.datetime(2026, 3, 2, 9, 30, tzinfo=dt.UTC)
CLINIC = SimpleNamespace(name="North Clinic", zone="Asia/Kolkata")
SCRIPTS = {"hi": ("\u0900", "\u097f"), "mr": ("\u0900", "\u097f"), "ar": ("\u0600", "\u06ff")}


@pytest.fixture(scope="module")
def said():
    return {(code, language): rendered(code, language, CLINIC, NOW) for code in BY_CODE for language in LANGUAGES}


@pytest.mark.parametrize("form", ["subject", "text", "html", "short"])
def test_no_two_texts_are_the_same(said, form):
    texts = {key: " ".join(value[form].split()) for key, value in said.items()}
    assert [pair for pair in combinations(texts, 2) if texts[pair[0]] == texts[pair[1]]] == []
    assert all(texts.values())


def test_each_is_in_the_script_of_its_language(said):
    for (code, language), forms in said.items():
        first, last = SCRIPTS.get(language, ("A", "z"))
        for form, text in forms.items():
            letters = sum(first <= ch <= last for ch in text)
            assert letters > 4, (code, language, form)


def test_hindi_and_marathi_are_two_languages(said):
    for code in BY_CODE:
        assert "आहे" not in said[code, "hi"]["text"] and ("है" not in said[code, "mr"]["text"]), code


def test_arabic_runs_from_right_to_left_and_the_others_do_not(said):
    for (code, language), forms in said.items():
        assert (f'<html lang="{language}" dir="rtl">' in forms["html"]) == (language == "ar"), (code, language)


def test_nothing_is_left_unsaid(said):
    """A name that the facts don't have would leave a hole: two blanks, or a full stop after nothing."""
    for (code, language), forms in said.items():
        for text in (forms["subject"], forms["short"]):
            assert "  " not in text and " ." not in text and "{" not in text, (code, language, text)


def test_what_may_be_declined_says_how(said):
    for (code, language), forms in said.items():
        for form in ("text", "html"):
            assert ("https://clinic.example/stop" in forms[form]) == BY_CODE[code].may_be_declined, (code, language, form)
