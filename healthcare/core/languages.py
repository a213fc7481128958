"""Which languages do we speak, and which of them does this person read?"""

from django.http import HttpRequest
from django.utils.translation.trans_real import parse_accept_lang_header

LANGUAGES = ("en", "hi", "mr", "ar")  # in which every message and error page has its words
RIGHT_TO_LEFT = frozenset({"ar"})
FALLBACK = "en"


def language_for(*wished: str) -> str:
    """The first wished language that there are words in (`hi-IN` has those of `hi`)."""
    plain = [wish.partition("-")[0].lower() for wish in wished]
    return next((language for language in plain if language in LANGUAGES), FALLBACK)


def direction(language: str) -> str:
    """As HTML's `dir` has it."""
    return "rtl" if language in RIGHT_TO_LEFT else "ltr"


def language_of(request: HttpRequest) -> str:
    """Of the person, if they have been looked up already (nobody is for this); else the best of what their browser asks for."""
    person = request.__dict__.get("_cached_user")
    asked = parse_accept_lang_header(request.headers.get("Accept-Language", ""))
    return language_for(getattr(person, "language", ""), *(tag for tag, weight in asked if weight > 0))
