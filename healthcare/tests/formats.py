"""How does the API's own schema make input? What its formats mean, which answers are right, how often it is tried."""

from collections.abc import Callable
from datetime import date
from typing import Any

import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode

# A write that names a version which is not the present one is refused as stale, however well formed it is.
CONFIG: dict[str, Any] = {
    "checks": {"positive_data_acceptance": {"expected-statuses": ["2xx", 401, 403, 404, 409, 412, 429]}},
    "analysis": {"constants": {"enabled": False}},  # words of our source are no dates
}

schemathesis.openapi.format("phone", st.integers(10**7, 10**8 - 1).map(lambda n: f"+49151{n}"))
schemathesis.openapi.format("iana-zone", st.sampled_from(["Asia/Kolkata", "Europe/London", "America/St_Johns", "UTC"]))
schemathesis.openapi.format("birth-date", st.dates(date(1900, 1, 1), date(2025, 12, 31)).map(date.isoformat))
schemathesis.openapi.format("new-password", st.integers(10**9, 10**10).map(lambda n: f"Wide-door-{n}"))
schemathesis.openapi.format("email", st.integers(0, 10**9).map(lambda n: f"p{n}@people.example"))
schemathesis.openapi.format("name-search", st.sampled_from(["asha ra", "Ł", "प्रिया", "O'Neil, Jo"]))
schemathesis.openapi.format("number", st.integers(1, 10**12).map(lambda n: f"{n:,}".replace(",", "-")))
schemathesis.openapi.format("thing", st.uuids().flatmap(lambda n: st.sampled_from([f"patient:{n}", f"appointment:{n}"])))
schemathesis.openapi.format("https-address", st.integers(0, 10**9).map(lambda n: f"https://h{n}.invalid/in"))


def generated(
    operation: Any, mode: GenerationMode, headers: dict[str, str], examples: int, send: Callable[[Any], None]
) -> None:
    """Make input and send it. An operation without input can't be given a wrong one: nothing is sent then."""

    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode, headers=headers))
    def once(case: Any) -> None:
        send(case)

    try:
        once()
    except Unsatisfiable:
        pass


def asked(case: Any, headers: dict[str, str]) -> int:
    """Send one and hold the answer against the schema, by all checks. Answers the status; raises what was found."""
    answer = case.call_and_validate(headers=headers)
    if answer.status_code >= 400:
        assert answer.headers["content-type"][0].startswith("application/problem+json")
    return int(answer.status_code)
