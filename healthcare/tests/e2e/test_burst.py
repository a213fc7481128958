"""Do two hundred people who want one time get one winner, clear refusals and no deadlock?"""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from healthcare.tests.e2e.people import free_soon, newcomer

pytestmark = pytest.mark.e2e


def test_of_two_hundred_at_once_one_is_booked_and_the_rest_are_refused(product: Any) -> None:
    url = product.base_url
    with ThreadPoolExecutor(20) as pool:
        people = list(pool.map(lambda _: newcomer(url, "south"), range(200)))
    doctor, slots = free_soon(people[0])
    body = {"kind": "consultation", "doctor": doctor, "starts_at": slots[-1]["starts_at"], "reason": ""}
    with ThreadPoolExecutor(200) as pool:
        answers = list(pool.map(lambda p: p.http.post("/appointments", json=body), people))
    assert Counter(a.status_code for a in answers) == {201: 1, 409: 199}
    assert {a.json()["code"] for a in answers if a.status_code == 409} == {"slot_taken"}
    assert "deadlock" not in product.log("postgresql")
