"""What does the product say when it says no? One class per refusal, one shape on the wire (RFC 9457)."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType
from typing import Any, NamedTuple

import psycopg
from django.db import IntegrityError, transaction

from healthcare.core import spoken

# The instants that a reason may name, for programs, and what each is of.
INSTANTS = {
    "starts_at": "The start that is refused, or that of the appointment in the way.",
    "ends_at": "Its end.",
    "from_at": "Since when it is so, or from when it would be possible.",
    "until_at": "Until when.",
}
NONE: Mapping[str, dt.datetime] = MappingProxyType({})


class Reason(NamedTuple):
    """One true cause of a refusal: a stable code and a sentence for people (no health data).

    `{starts_at}` and the others of INSTANTS in `words` stand for the instants of those names: aware, in the zone of the place,
    so that people read its wall clock and programs get the instant. `now` is when it was found.
    """

    code: str
    words: str
    instants: Mapping[str, dt.datetime] = NONE
    now: dt.datetime | None = None

    @property
    def detail(self) -> str:
        """The sentence that people read."""
        return spoken.filled(self.words, self.instants, self.now) if self.instants else self.words

    def on_wire(self) -> dict[str, str]:
        """`code`, `detail`, and of INSTANTS those that it names (ISO 8601 with the offset of the place)."""
        return {"code": self.code, "detail": self.detail, **{name: at.isoformat() for name, at in self.instants.items()}}

    def about(self, starts_at: dt.datetime, now: dt.datetime) -> "Reason":
        """The same said of one start among several, which it begins with."""
        instants = {**self.instants, "starts_at": starts_at}
        return Reason(self.code, f"{{starts_at}}: {self.words}", instants, now)


class Refused(Exception):
    """A rule says no. Subclasses set `status` (HTTP), `code` (stable, snake_case) and `detail` (one sentence).

    `reasons` holds every cause, `alternatives` what would be possible instead (JSON-ready mappings).
    """

    status = 409
    code = "refused"
    detail = "A rule of the clinic does not allow this."

    def __init__(
        self,
        detail: str | None = None,
        *,
        reasons: Iterable[Reason] = (),
        alternatives: Iterable[Mapping[str, Any]] = (),
        retry_after: int | None = None,
    ) -> None:
        self.detail = detail or self.detail
        self.reasons = list(reasons) or [Reason(self.code, self.detail)]
        self.alternatives = list(alternatives)
        self.retry_after = retry_after
        super().__init__(self.code)


class NotFound(Refused):
    status = 404
    code = "not_found"
    detail = "There is no such thing here."


class Forbidden(Refused):
    status = 403
    code = "forbidden"
    detail = "Your role does not allow this."


class Malformed(Refused):
    status = 400
    code = "malformed"
    detail = "The request can't be read."


class TooMany(Refused):
    status = 429
    code = "too_many_requests"
    detail = "Too many requests; try again later."


class Overloaded(Refused):
    status = 503
    code = "overloaded"
    detail = "The service is busy; try again in a moment."


class StaleWrite(Refused):
    status = 412
    code = "stale_write"
    detail = "It was changed since you read it; read it again."


def words_of(refused: Refused) -> str:
    """Everything that stands against it, for people."""
    causes = [reason.detail for reason in refused.reasons if reason.detail != refused.detail]
    return " ".join([refused.detail, *causes])


@contextmanager
def refusing(constraint: str, refusal: type[Refused]) -> Iterator[None]:
    """Turn the violation of the named constraint into its refusal, inside a savepoint so that the caller can go on.

    Any other integrity error passes through unchanged.
    """
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        if violated(error) != constraint:
            raise
        raise refusal from None


def violated(error: IntegrityError) -> str | None:
    """Name of the constraint the database upheld, if it said."""
    cause = error.__cause__
    return cause.diag.constraint_name if isinstance(cause, psycopg.Error) else None
