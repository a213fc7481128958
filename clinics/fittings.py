"""What does a schema get besides its tables? What higher apps fit to it, whenever a migration may have brought new tables.

A fitting is called on the owner's cursor with the schema's name, in the transaction of the migration; it runs again and again
and does only what is lacking. A new clinic needs none of it: it is a copy of the template, which was fitted.
"""

from collections.abc import Callable
from typing import Any

Fitting = Callable[[Any, str], None]
_fittings: list[Fitting] = []


def fitting(function: Fitting) -> Fitting:
    """Register what every schema gets (`public`, the template and each clinic's)."""
    if function not in _fittings:
        _fittings.append(function)
    return function


def fit(cursor: Any, schema: str) -> None:
    for function in _fittings:
        function(cursor, schema)
