"""Does every route answer whatever is thrown at it as its schema says, and never with a 5xx?

The schema makes the input (schemathesis, all its checks), right and wrong, as people of three roles. Half of the right calls
are aimed at things that exist, in a state in which the operation can succeed, so that the paths behind the door are reached.
"""

from collections import defaultdict
from datetime import date
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode

from healthcare.tests.e2e.people import Person, newcomer, staff
from healthcare.tests.e2e.world import GOOD, World

pytestmark = pytest.mark.e2e
ROLES = ("patient", "receptionist", "clinic_admin")
EXAMPLES = {GenerationMode.POSITIVE: 8, GenerationMode.NEGATIVE: 8}
reached: dict[str, set[int]] = defaultdict(set)

# what the schema's own formats mean
schemathesis.openapi.format("phone", st.integers(10**7, 10**8 - 1).map(lambda n: f"+49151{n}"))
schemathesis.openapi.format("iana-zone", st.sampled_from(["Asia/Kolkata", "Europe/London", "America/St_Johns", "UTC"]))
schemathesis.openapi.format("birth-date", st.dates(date(1900, 1, 1), date(2025, 12, 31)).map(date.isoformat))
schemathesis.openapi.format("new-password", st.integers(10**9, 10**10).map(lambda n: f"Wide-door-{n}"))
schemathesis.openapi.format("email", st.integers(0, 10**9).map(lambda n: f"p{n}@people.example"))


@pytest.fixture(scope="module", params=ROLES)
def world(product: Any, request: pytest.FixtureRequest) -> World:
    url, role = product.base_url, request.param
    return World(url, role, newcomer(url, "north") if role == "patient" else staff(url, role, "north"))


def test_every_operation_keeps_its_word(world: World) -> None:
    schema = schemathesis.openapi.from_url(f"{world.url}/api/schema")
    broken = []
    for result in schema.get_all_operations():
        for mode, examples in EXAMPLES.items():
            try:
                attack(result.ok(), world, mode, examples)
            except (Exception, BaseExceptionGroup) as failure:
                broken.append(f"{result.ok().label} ({mode.value}): {failure}")
    assert broken == [], "\n\n".join(broken)


def test_nine_of_ten_operations_were_reached_behind_the_door() -> None:
    missed = sorted(label for label, codes in reached.items() if not any(200 <= c < 300 for c in codes))
    assert len(reached) > 60
    assert len(missed) <= len(reached) / 10, missed


def attack(operation: Any, world: World, mode: GenerationMode, examples: int) -> None:
    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode), aimed=st.booleans())
    def once(case: Any, aimed: bool) -> None:
        headers = {"X-Clinic-ID": "north", "Authorization": f"Bearer {world.me.access}"}
        if operation.label == "POST /auth/logout":  # the attacker stays signed in
            headers["Authorization"] = f"Bearer {throwaway(world)}"
        if aimed and mode is GenerationMode.POSITIVE and operation.label in GOOD:
            headers |= aim(case, operation.label, world)
        answer = case.call_and_validate(headers=headers)
        reached[operation.label].add(answer.status_code)
        if answer.status_code >= 400:
            assert answer.headers["content-type"][0].startswith("application/problem+json")

    reached[operation.label]
    once()


def aim(case: Any, label: str, world: World) -> dict[str, str]:
    good = GOOD[label](world)
    case.path_parameters.update(good.path)
    case.query = {}
    case.headers = {}
    if good.body is not None:
        case.body = good.body
    case._meta = None  # it is no longer what was generated, so it is judged by its answer alone
    return good.headers


def throwaway(world: World) -> str:
    return str(Person(world.url).post("/auth/register", world.new_person(), 201)["access"])
