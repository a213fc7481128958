"""Does every route answer whatever is thrown at it as its schema says, and never with a 5xx?

The schema makes the input (schemathesis, all its checks), right and wrong, as people of three roles. Some calls are aimed at
things that exist, in a state in which the operation can succeed, so that the paths behind the door are reached.
"""

import os
from collections import defaultdict
from datetime import date
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode

from healthcare.tests.e2e.people import Person, newcomer, staff
from healthcare.tests.e2e.world import GOOD, World

pytestmark = pytest.mark.e2e
ROLES = ("patient", "receptionist", "clinic_admin")
# right and wrong ones, each, for every operation and role; more by hand
EXAMPLES = int(os.environ.get("BAD_INPUT_EXAMPLES", "2"))
# A write that names a version which is not the present one is refused as stale, however well formed it is.
CONFIG = {"checks": {"positive_data_acceptance": {"expected-statuses": ["2xx", 401, 403, 404, 409, 412, 429]}}}
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
    config = schemathesis.Config.from_dict(CONFIG)
    schema = schemathesis.openapi.from_url(f"{world.url}/api/schema", config=config)
    broken = []
    for result in schema.get_all_operations():
        operation = result.ok()
        for attack in (aimed, generated(GenerationMode.POSITIVE), generated(GenerationMode.NEGATIVE)):
            try:
                attack(operation, world)
            except Unsatisfiable:  # an operation without input can't be given a wrong one
                pass
            except (Exception, BaseExceptionGroup) as failure:
                broken.append(f"{operation.label}: {failure}")
    assert broken == [], "\n\n".join(broken)


def test_nine_of_ten_operations_were_reached_behind_the_door() -> None:
    missed = sorted(label for label, codes in reached.items() if not any(200 <= c < 300 for c in codes))
    assert len(reached) > 60
    assert len(missed) <= len(reached) / 10, missed


def aimed(operation: Any, world: World) -> None:
    """At things that exist, in a state in which the operation can succeed."""
    reached[operation.label]
    for _ in range(world.aims(operation.label) if operation.label in GOOD else 0):
        if (good := GOOD[operation.label](world)) is not None:
            body = {} if good.body is None else {"body": good.body, "media_type": "application/json"}
            send(operation.Case(path_parameters=good.path, **body), operation.label, world, good.headers)


def generated(mode: GenerationMode) -> Any:
    def attack(operation: Any, world: World) -> None:
        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            database=None,
            derandomize=True,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy(generation_mode=mode))
        def once(case: Any) -> None:
            send(case, operation.label, world, {})

        once()

    return attack


def send(case: Any, label: str, world: World, headers: dict[str, str]) -> None:
    own = {"X-Clinic-ID": "north", "Authorization": f"Bearer {world.me.access}"}
    if label == "POST /auth/logout":  # the attacker stays signed in
        own["Authorization"] = f"Bearer {throwaway(world)}"
    answer = case.call_and_validate(headers={**own, **headers})
    reached[label].add(answer.status_code)
    if answer.status_code >= 400:
        assert answer.headers["content-type"][0].startswith("application/problem+json")


def throwaway(world: World) -> str:
    return str(Person(world.url).post("/auth/register", world.new_person(), 201)["access"])
