"""How does a test get one row of each audited model of scheduling beyond the appointment itself?"""

import datetime as dt
from typing import Any

from healthcare.core.ids import new_id

NOW = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)


def practitioner() -> Any:
    from appointments.models import Practitioner

    row = Practitioner(name="Dr Sample", location_id=new_id())
    row.save(force_insert=True)
    return row


def resource() -> Any:
    from appointments.models import Resource

    return Resource(type="room", name=new_id().hex[-8:], location_id=new_id())


def group_session() -> Any:
    from appointments.models import GroupSession

    ends_at = NOW + dt.timedelta(hours=1)
    known = {"practitioner": practitioner(), "location_id": new_id(), "starts_at": NOW, "ends_at": ends_at}
    return GroupSession(kind="physiotherapy", seats=8, **known)
