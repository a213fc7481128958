"""What became of each schema? Lines for people, a file for machines; never a value from a row."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

APPLIED, FAILED, NOT_TRIED, GONE = "applied", "failed", "not tried", "gone"


@dataclass(frozen=True)
class Outcome:
    """One schema: the migrations applied to it, seconds taken, and what came of it; `error` has codes and names only."""

    schema: str
    outcome: str
    migrations: list[str] = field(default_factory=list)
    seconds: float = 0.0
    error: str = ""
    clinic: str = ""

    @property
    def good(self) -> bool:
        return self.outcome in (APPLIED, GONE)


def why(error: BaseException) -> str:
    """The error's class, SQLSTATE and what it names. Its text may quote a row, so it is left out."""
    diagnosis = getattr(error.__cause__, "diag", None)
    names = ("sqlstate", "table_name", "column_name", "constraint_name")
    told = [f"{name.removesuffix('_name')} {value}" for name in names if (value := getattr(diagnosis, name, None))]
    return " ".join([type(error).__name__, *told])


def line(outcome: Outcome) -> str:
    """`clinic_… north      applied     1 migration    0.21 s`"""
    number = len(outcome.migrations)
    counted = f"{number} migration{'' if number == 1 else 's'}"
    words = f"{outcome.schema:<40}{outcome.clinic:<24}{outcome.outcome:<11}{counted:<14}{outcome.seconds:>7.2f} s"
    return f"{words}  {outcome.error}".rstrip()


def table(outcomes: Sequence[Outcome]) -> list[str]:
    return [f"{'schema':<40}{'clinic':<24}{'outcome':<11}{'applied':<14}{'time':>9}", *map(line, outcomes)]


def summary(outcomes: Sequence[Outcome]) -> str:
    counted = Counter(outcome.outcome for outcome in outcomes)
    return ", ".join(f"{number} {name}" for name, number in counted.items()) or "everything is up to date"


def write(file: Path, outcomes: Sequence[Outcome], seconds: float) -> None:
    whole = {"seconds": round(seconds, 3), "outcomes": [asdict(outcome) for outcome in outcomes]}
    file.write_text(json.dumps(whole, indent=1) + "\n")
