"""Has the patient's own page every word in every language, for every status that a token can have?"""

import re
from pathlib import Path

from django.contrib.staticfiles import finders

from appointments.queue.models import Token

LANGUAGES = ("en", "hi", "mr", "ar")


def words() -> dict[str, dict[str, set[str]]]:
    """By language and key, the places to be filled."""
    text = Path(str(finders.find("queue/words.js"))).read_text()
    found = {}
    for language, body in re.findall(r"^  (\w+): \{\n(.*?)^  \},", text, re.MULTILINE | re.DOTALL):
        found[language] = {key: set(re.findall(r"\{(\w+)\}", said)) for key, said in re.findall(r'(\w+): "([^"]*)"', body)}
    return found


def test_each_language_has_the_same_keys_with_the_same_places_to_fill() -> None:
    found = words()
    assert tuple(found) == LANGUAGES
    assert all(one == found["en"] for one in found.values())


def test_each_status_but_waiting_has_its_sentence() -> None:
    assert {status.value for status in Token.Status} - {"waiting"} <= set(words()["en"])
