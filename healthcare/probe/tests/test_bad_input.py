"""Does every route answer whatever is thrown at it as its schema says, never with a 5xx, and is what is behind it reached?

More examples: BAD_INPUT_EXAMPLES; every role: BAD_INPUT_ROLES=all.
"""

import os
from typing import Any

import pytest

from accounts.roles import Role
from healthcare.probe.tests.attacking import Attack

pytestmark = pytest.mark.parallel
ROLES = (Role.PATIENT, Role.RECEPTIONIST, Role.CLINIC_ADMIN)
# right and wrong ones, each, for every operation and role
EXAMPLES = int(os.environ.get("BAD_INPUT_EXAMPLES", "2"))


@pytest.fixture(scope="module")
def attack(probe: Any) -> Attack:
    made = Attack(probe, tuple(Role) if os.environ.get("BAD_INPUT_ROLES") == "all" else ROLES, EXAMPLES)
    made.run()
    return made


def test_every_operation_keeps_its_word(attack: Attack) -> None:
    assert attack.broken == [], "\n\n".join(attack.broken)


def test_nine_of_ten_operations_were_reached_behind_the_door(attack: Attack) -> None:
    assert len(attack.reached) > 60
    assert len(attack.missed()) <= len(attack.reached) / 10, attack.missed()
