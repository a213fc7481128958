"""Does the running server, too, answer whatever is thrown at it as the schema says, and never with a 5xx?

The same attack from outside, over HTTP: right and wrong input to every operation, by people of three roles in turn. What lies
behind the door is reached by `healthcare/probe/tests/test_bad_input.py`.
"""

import itertools
import os
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from schemathesis import GenerationMode

from healthcare.tests.e2e.people import Person, newcomer, staff
from healthcare.tests.formats import CONFIG, asked, generated

pytestmark = pytest.mark.e2e
ROLES = ("patient", "receptionist", "clinic_admin")
# right and wrong ones, each, for every operation; more by hand
EXAMPLES = int(os.environ.get("BAD_INPUT_EXAMPLES", "2"))


@pytest.fixture(scope="module")
def attackers(product: Any) -> Iterator[Person]:
    url = product.base_url
    known = [newcomer(url, "north") if role == "patient" else staff(url, role, "north") for role in ROLES]
    return itertools.cycle(known)


def test_every_operation_keeps_its_word(product: Any, attackers: Iterator[Person]) -> None:
    config = schemathesis.Config.from_dict(CONFIG)
    schema = schemathesis.openapi.from_url(f"{product.base_url}/api/schema", config=config)
    broken, tried = [], 0
    for result in schema.get_all_operations():
        operation = result.ok()
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            who = signed_up(product.base_url) if operation.label == "POST /auth/logout" else next(attackers)
            headers = {"X-Clinic-ID": "north", "Authorization": f"Bearer {who.access}"}
            tried += 1
            try:
                generated(operation, mode, headers, EXAMPLES, lambda case, headers=headers: asked(case, headers))
            except (Exception, BaseExceptionGroup) as failure:
                broken.append(f"{operation.label}: {failure}")
    assert broken == [], "\n\n".join(broken)
    assert tried > 500


def signed_up(url: str) -> Person:
    """Somebody whose sessions may be ended: the attackers stay signed in."""
    return newcomer(url, "north")
