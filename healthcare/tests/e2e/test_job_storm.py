"""Is every effect there once when workers are killed and the broker forgets? The drill of that name, small."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.e2e
DRILL = Path(__file__).resolve().parents[3] / "drills" / "job_storm.py"


def test_a_small_storm_leaves_every_effect_exactly_once(product: Any) -> None:
    product.kill("worker")
    words = ["--joined", "--bookings=24", "--kills=4", "--workers=2", "--recovery=60"]  # the time itself is the drill's matter
    try:
        done = subprocess.run([sys.executable, DRILL, *words], env=product.env, capture_output=True, text=True, timeout=300)
    finally:
        product.start("worker")
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-2000:]
