"""Do two hundred people who want one time get one winner, clear refusals and no deadlock?"""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from healthcare.tests.e2e.people import Person, free_soon, staff

pytestmark = pytest.mark.e2e


def test_of_two_hundred_at_once_one_is_booked_and_the_rest_are_refused(product: Any) -> None:
    url = product.base_url
    desk = staff(url, "receptionist", "south")
    with ThreadPoolExecutor(8) as pool:
        charts = list(pool.map(lambda n: desk.post("/patients", {"first_name": f"Guest {n}"}, 201)["id"], range(200)))
    doctor, slots = free_soon(desk)
    body = {"kind": "consultation", "doctor": doctor, "starts_at": slots[-1]["starts_at"], "reason": ""}
    hands = [Person(url, "south", desk.access) for _ in charts]
    with ThreadPoolExecutor(200) as pool:
        ask = lambda hand, chart: hand.http.post("/appointments", json={**body, "patient": chart})  # noqa: E731
        answers = list(pool.map(ask, hands, charts))
    assert Counter(a.status_code for a in answers) == {201: 1, 409: 199}
    assert {a.json()["code"] for a in answers if a.status_code == 409} == {"slot_taken"}
    assert "deadlock" not in product.log("postgresql")
