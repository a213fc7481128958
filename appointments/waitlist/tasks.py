"""Which work does the waitlist owe? Each job loads, calls one verb, and can run twice."""

from uuid import UUID

from django.utils import timezone

from appointments.waitlist.services import filling, joining, looking
from healthcare.core.jobs import job

QUEUE = "waiting-list"


@job("waitlist.fill", queue=QUEUE)
def fill(*, opening_id: str) -> None:
    filling.fill(opening_id=UUID(opening_id), now=timezone.now())


@job("waitlist.look", queue=QUEUE)
def look_for(*, wish_id: str) -> None:
    looking.look_for(wish_id=UUID(wish_id), now=timezone.now())


@job("waitlist.look_after", queue=QUEUE)
def look_after(*, practitioner_id: str) -> None:
    looking.look_after(practitioner_id=UUID(practitioner_id), now=timezone.now())


@job("waitlist.lapse", queue=QUEUE)
def lapse(*, wish_id: str) -> None:
    joining.lapse(wish_id=UUID(wish_id), now=timezone.now())
