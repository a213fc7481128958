"""How is the matrix told? A table by operation, one by place, every leak in a line; all of it as JSON where asked for."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from healthcare.probe.probing import Result

SHOWN = 40  # leaks printed; the JSON has all


def lines(result: Result) -> Iterator[str]:
    yield from _table("operation", result)
    yield from _table("place", result)
    for doubt in result.doubts:
        yield f"UNCLASSIFIED {doubt}"
    for table in result.changed:
        yield f"CHANGED      {table} is not as it was"
    for verdict in result.faults[:SHOWN]:
        yield f"LEAK         {verdict.cell.label}: {'; '.join(verdict.faults)[:300]}"
    if len(result.faults) > SHOWN:
        yield f"… and {len(result.faults) - SHOWN} more"
    yield summary(result)


def summary(result: Result) -> str:
    classified = f"{result.operations} operations classified, {len(result.doubts)} not"
    return f"{len(result.verdicts)} cells, {len(result.faults)} leaks, {len(result.changed)} changed tables; {classified}"


def as_json(result: Result) -> dict[str, Any]:
    cells = [
        {
            "operation": v.cell.operation,
            "role": v.cell.role,
            "place": v.cell.place,
            "which": v.cell.which,
            "token": v.cell.token,
            "status": v.status,
            "faults": v.faults,
        }
        for v in result.verdicts
    ]
    return {"summary": summary(result), "unclassified": result.doubts, "changed": result.changed, "cells": cells}


def _table(by: str, result: Result) -> Iterator[str]:
    """Cells, refusals and leaks of each."""
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for verdict in result.verdicts:
        row = counts[str(getattr(verdict.cell, by))]
        row[0] += 1
        row[1] += verdict.status in (400, 401, 403, 404) or verdict.status > 4000
        row[2] += bool(verdict.faults)
    wide = max((len(name) for name in counts), default=0)
    yield f"{by:<{wide}}  {'cells':>7} {'refused':>8} {'leaks':>6}"
    for name, (cells, refused, leaks) in sorted(counts.items()):
        yield f"{name:<{wide}}  {cells:>7} {refused:>8} {leaks:>6}"
    yield ""
