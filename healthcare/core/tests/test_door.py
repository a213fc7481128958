"""Is bad input answered with a clear problem, never with a 500?"""

import json

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db
BODIES = {
    "deep": b"[" * 100_000,
    "deep object": b'{"a":' * 5_000 + b"1" + b"}" * 5_000,
    "nul": b'{"identifier": "a\\u0000b", "password": "x"}',
    "lone surrogate": b'{"identifier": "\\ud800", "password": "x"}',
    "bad utf-8": b'{"identifier": "\xff\xfe", "password": "x"}',
    "huge number": b'{"identifier": ' + b"9" * 5000 + b', "password": "x"}',
    "no json": b"identifier=a",
    "array": b"[]",
    "number": b"1",
    "null": b"null",
    "string": b'"x"',
    "empty": b"",
    "wrong types": b'{"identifier": {"a": []}, "password": [1]}',
    "unknown member": b'{"identifier": "a@b.example", "password": "x", "role": "super_admin"}',
}


@pytest.mark.parametrize("name", BODIES)
def test_a_body_that_makes_no_sense_is_a_400_problem(name):
    answer = Client().post("/auth/login", BODIES[name], content_type="application/json")
    body = json.loads(answer.content)
    assert (answer.status_code, answer["content-type"]) == (400, "application/problem+json")
    assert {"type", "title", "status", "code", "detail", "errors", "request_id"} <= body.keys()
    assert body["request_id"] == answer["X-Request-ID"]


def test_an_oversized_body_is_refused_by_its_announcement():
    answer = Client().post("/auth/login", b"x" * 1_100_000, content_type="application/json")
    assert (answer.status_code, json.loads(answer.content)["code"]) == (413, "too_large")


@pytest.mark.parametrize("path", ["/clinics?page_size=%00", "/clinics/%00", "/clinics?cursor=%ff"])
def test_an_address_that_is_no_text_is_a_400_problem(path):
    answer = Client().get(path)
    assert (answer.status_code, json.loads(answer.content)["code"]) == (400, "malformed")


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("page_size=0", 400, "malformed"),
        ("page_size=x", 400, "malformed"),
        ("page_size=101", 400, "malformed"),
        ("cursor=zz", 404, "invalid_cursor"),  # as what is not there
    ],
)
def test_a_page_that_cannot_be_is_a_problem(query, status, code):
    answer = Client().get(f"/clinics?{query}")
    assert (answer.status_code, json.loads(answer.content)["code"]) == (status, code)


def test_an_unknown_address_is_a_404_problem():
    answer = Client().get("/no/such/thing")
    assert (answer.status_code, json.loads(answer.content)["code"]) == (404, "not_found")


IN_A_BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


def test_who_looks_with_a_browser_reads_a_page_that_says_what_a_program_is_told():
    answer = Client(headers={"accept": IN_A_BROWSER}).get("/no/such/thing")
    assert (answer.status_code, answer["Content-Type"]) == (404, "text/html; charset=utf-8")
    page = answer.content.decode()
    assert "<h1>Not Found</h1>" in page
    assert "There is no such thing here." in page
    assert answer["X-Request-ID"] in page
    assert "Accept" in answer["Vary"]


@pytest.mark.parametrize(
    "accept", ["", "*/*", "application/json", "application/problem+json", "image/png", "text/html;q=0.1, */*", "\x7f;;q=zz,,/"]
)
def test_a_program_is_told_whatever_it_says_it_reads(accept):
    answer = Client(headers={"accept": accept}).get("/no/such/thing")
    assert (answer.status_code, json.loads(answer.content)["code"]) == (404, "not_found")


def test_a_wrong_media_type_is_a_415_problem():
    answer = Client().post("/auth/login", b"a=b", content_type="application/x-www-form-urlencoded")
    assert (answer.status_code, json.loads(answer.content)["code"]) == (415, "unsupported_media_type")


def test_a_request_id_of_the_client_is_kept_and_a_malformed_one_replaced():
    assert Client().get("/clinics", headers={"X-Request-ID": "abc-123-def"})["X-Request-ID"] == "abc-123-def"
    assert Client().get("/clinics", headers={"X-Request-ID": "a b\n"})["X-Request-ID"] != "a b\n"


def test_a_refusal_in_a_plain_page_is_an_answer_too(rf):
    from healthcare.core.errors import StaleWrite
    from healthcare.core.middleware import Door

    door = Door(lambda request: None)
    answer = door.process_exception(rf.get("/"), StaleWrite())
    assert (answer.status_code, json.loads(answer.content)["code"]) == (412, "stale_write")
    assert door.process_exception(rf.get("/"), ValueError()) is None


def test_a_database_that_is_busy_is_a_503_in_a_plain_page_too(rf):
    from django.db import OperationalError

    from healthcare.core.middleware import Door

    answer = Door(lambda request: None).process_exception(rf.post("/admin/login/"), OperationalError("no connection"))
    assert (answer.status_code, answer["Retry-After"], json.loads(answer.content)["code"]) == (503, "1", "overloaded")
