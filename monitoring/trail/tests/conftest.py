"""What do tests of the trail stand on?"""

from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import pytest

from healthcare.core.context import acting_as
from healthcare.core.ids import new_id
from healthcare.core.tenancy import on_platform
from monitoring.models import PlatformAuditEntry
from monitoring.trail.models import ClinicAuditEntry


@pytest.fixture
def actor() -> Iterator[UUID]:
    """Somebody acts, from somewhere, in a request."""
    somebody = new_id()
    with acting_as(actor_id=somebody, request_id="request-0001", address="203.0.113.7", purpose="treatment"):
        yield somebody


@pytest.fixture
def entries() -> Callable[..., list[Any]]:
    """Entries about a row: the clinic's where we are in one, or the platform's."""

    def about(row: Any, *, public: bool = False) -> list[Any]:
        if not public:
            return list(ClinicAuditEntry.objects.filter(object_id=str(row.pk)).order_by("id"))
        with on_platform():
            return list(PlatformAuditEntry.objects.filter(object_id=str(row.pk)).order_by("id"))

    return about
