"""What do the probe's tests stand on? One pair of throw-away clinics for all of them, really committed, ended afterwards."""

from collections.abc import Iterator
from typing import Any

import pytest


@pytest.fixture(scope="module")
def probe(django_db_setup: None, django_db_blocker: Any) -> Iterator[Any]:
    from healthcare.probe.probing import Probe
    from healthcare.probe.world import world
    from healthcare.tests.database import empty, forget_everything

    with django_db_blocker.unblock():
        forget_everything()
        with world() as made:
            yield Probe(made)
        empty()
