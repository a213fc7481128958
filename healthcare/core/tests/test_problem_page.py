"""Does who meets an error in a browser read it in their language, right to left where it is, and a program as before?"""

import json
import re
from types import SimpleNamespace

import pytest
from django.test import Client

from accounts.models import User
from healthcare.core.errors import Malformed, NotFound, Reason, Refused, StaleWrite
from healthcare.core.languages import LANGUAGES, direction, language_of
from healthcare.core.middleware import TooLarge
from healthcare.core.problem_words import FRAME, SAID
from healthcare.core.problems import FormExpired, as_response
from healthcare.core.tenancy import on_platform

IN_A_BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
LATIN = re.compile(r"[A-Za-z]")


def seen(rf, error, language="", user=None):
    request = rf.get("/", headers={"Accept": IN_A_BROWSER, **({"Accept-Language": language} if language else {})})
    if user:
        request._cached_user = user
    return as_response(error, request)


def shell(page):
    """What the page says in its own language: without marks, addresses, and the part that is English on purpose."""
    plain = re.sub(r"<ul lang=.*?</ul>|<code.*?</code>|<link[^>]*>", "", page, flags=re.DOTALL)
    return re.sub(r"<[^>]*>", "", plain)


def test_every_language_has_all_words_and_no_two_say_the_same():
    assert {*SAID, "en"} == set(FRAME) == set(LANGUAGES)
    assert len({frozenset(one) for one in SAID.values()}) == len({frozenset(one) for one in FRAME.values()}) == 1
    for status in SAID["hi"]:
        assert len({SAID[language][status] for language in SAID}) == len(SAID)


@pytest.mark.parametrize("language", [one for one in LANGUAGES if one != "en"])
@pytest.mark.parametrize(
    "error", [Malformed(), NotFound(), Refused(), StaleWrite(), TooLarge(), FormExpired(), RuntimeError(), Refused("x")]
)
def test_a_page_is_in_the_language_throughout_with_what_is_english_marked(rf, language, error):
    answer = seen(rf, error, language)
    page = answer.content.decode()
    assert f'<html lang="{language}" dir="{direction(language)}">' in page
    assert answer["Content-Language"] == language
    assert not LATIN.search(shell(page)), shell(page)


@pytest.mark.parametrize(
    ("asked", "language"),
    [
        ("", "en"),
        ("hi-IN,hi;q=0.9,en;q=0.8", "hi"),
        ("fr-FR,fr;q=0.9,ar;q=0.7,en;q=0.3", "ar"),
        ("en;q=0.2, mr;q=0.9", "mr"),
        ("hi;q=0, mr;q=0.1", "mr"),
        ("de", "en"),
        ("*", "en"),
        ("\x7f;;q=zz,,hi;q=9", "en"),
        ("hi," * 5000, "hi"),
    ],
)
def test_the_browsers_wish_is_weighed(rf, asked, language):
    assert language_of(rf.get("/", headers={"Accept-Language": asked})) == language


def test_the_persons_own_language_comes_before_the_browsers_and_nobody_is_looked_up_for_it(rf):
    request = rf.get("/", headers={"Accept-Language": "hi"})
    assert language_of(request) == "hi"  # without a database: this test has none
    request._cached_user = SimpleNamespace(language="ar-EG")
    assert language_of(request) == "ar"


@pytest.mark.django_db
def test_who_is_signed_in_to_the_admin_meets_their_own_language(member):
    who = member("receptionist")
    with on_platform():
        User.objects.filter(pk=who.user_id).update(language="ar")
        client = Client(headers={"accept": IN_A_BROWSER, "accept-language": "hi"})
        client.force_login(User.objects.get(pk=who.user_id), backend="accounts.authentication.AdminLogin")
    answer = client.get("/admin/audit/nothing/of/the/kind/")
    assert (answer.status_code, answer["Content-Language"]) == (404, "ar")
    assert {one.strip() for one in answer["Vary"].split(",")} >= {"Accept", "Accept-Language", "Cookie"}


def test_what_a_rule_says_in_particular_stands_beside_it_as_english(rf):
    why = Refused("It is too early for this step.", reasons=[Reason("too_early", "Check-in opens <soon>.")])
    page = seen(rf, why, "ar").content.decode()
    assert '<ul lang="en" dir="ltr">' in page
    assert "<li>It is too early for this step.</li>" in page and "<li>Check-in opens &lt;soon&gt;.</li>" in page


def test_english_says_nothing_twice(rf):
    page = seen(rf, NotFound(), "en").content.decode()
    assert page.count("There is no such thing here.") == 1 and "<section" not in page
    assert "There is no such thing here." not in seen(rf, NotFound(), "hi").content.decode()  # its own sentence says it


def test_a_program_is_told_in_english_whatever_its_language(rf):
    request = rf.get("/", headers={"Accept": "application/json", "Accept-Language": "ar"})
    assert json.loads(as_response(NotFound(), request).content)["title"] == "Not Found"


def test_a_form_that_is_too_old_says_so():
    client = Client(enforce_csrf_checks=True, headers={"accept": IN_A_BROWSER, "accept-language": "ar"})
    answer = client.post("/admin/login/", {"username": "a", "password": "b"})
    assert (answer.status_code, SAID["ar"]["form_expired"][0] in answer.content.decode()) == (403, True)
