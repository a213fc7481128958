"""Has every sealed column a canary that is looked for where no plain value may be, and a label of its own?"""

import base64
import importlib.util
from collections import Counter
from pathlib import Path
from typing import Any

from django.apps import apps

from drills.leaks.columns import BY_API
from healthcare.core.fields import sealed_fields
from monitoring.trail.tests.rows import CLINIC, PUBLIC

DRILL = Path(__file__).resolve().parents[2] / "drills" / "canaries.py"


def drill() -> Any:
    found = importlib.util.spec_from_file_location("canaries", DRILL)
    assert found and found.loader
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


def labels(of: set[str] | None = None) -> list[str]:
    return [f.label for m in apps.get_models() if of is None or m._meta.label_lower in of for f in sealed_fields(m)]


def test_every_sealed_column_has_a_sample_row_or_is_filled_through_the_api():
    canaries = drill()
    by_row = set(labels({*CLINIC, *PUBLIC}))
    assert canaries.sealed_columns() == set(labels())
    assert sorted(canaries.sealed_columns() - by_row) == sorted(BY_API)


def test_a_label_is_of_one_column_only():
    assert [label for label, times in Counter(labels()).items() if times > 1] == []


def test_a_canary_that_is_no_word_is_found_in_every_spelling():
    canaries = drill().Canaries()
    day = canaries.day("guardianship.ends_on made").isoformat().encode()
    canaries.value("totp.secret", b"\x00\xff" * 10)
    spelled = [day, day.hex().encode(), day.decode().encode("utf-16-le"), b"\xff\x00\xff" + b"\x00\xff" * 9]
    assert [list(canaries.found_in(b"before" + piece + b"after")) for piece in spelled] == [
        *[["guardianship.ends_on made"]] * 3,
        ["totp.secret"],
    ]
    coded = base64.b64encode(b"{born:" + day + b"}")
    assert list(canaries.found_in(coded)) == ["guardianship.ends_on made"]
    assert list(canaries.found_in(b"1797-12-31 and 1798-01-01")) == []
