"""Can a test have a whole product, break parts of it, and leave nothing behind?"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from healthcare.embedded.environment import ROOT
from healthcare.embedded.product import clean_environment
from healthcare.embedded.tests.conftest import processes_of

pytestmark = pytest.mark.e2e

PLAY = """
import json, urllib.request
from healthcare.embedded.product import running_product
from healthcare.embedded.trouble import Trouble

def said(product):
    with urllib.request.urlopen(product.base_url + "/health", timeout=5) as answer:
        return json.load(answer)

with running_product(env={"EXTRA": "given"}) as product:
    first = said(product)
    assert first["status"] == "ok" and first["DATABASE_URL"] == product.env["DATABASE_URL"]
    assert "/real" not in first["DATABASE_URL"] and product.env["EXTRA"] == "given"
    product.kill("web")
    try:
        said(product)
        raise SystemExit("a killed server answered")
    except OSError:
        pass
    product.start("web")
    assert said(product)["pid"] != first["pid"]
    for name in ("worker", "ticker", "valkey", "cache", "postgres"):
        product.kill(name)
        product.start(name)
    assert "Uvicorn running" in product.log("web")
    try:
        product.manage("fail")
    except Trouble:
        pass
    try:
        product.kill("nothing")
        raise SystemExit("there is no such part")
    except Trouble:
        print("played")
"""


def test_a_product_is_broken_and_mended_and_ends_without_a_trace(copy: Path) -> None:
    env = {**clean_environment(ROOT), "DATABASE_URL": "postgresql://somebody@127.0.0.1/real"}
    env.pop("HEALTHCARE_PROFILE", None)
    done = subprocess.run(
        [sys.executable, "-c", PLAY], cwd=copy, env=env, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.stdout == "played\n", done.stderr
    assert processes_of(copy) == []


def test_a_test_s_environment_holds_nothing_of_the_person_s(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EMAIL_URL", "smtp://real")
    monkeypatch.setenv("UNRELATED", "kept")
    clean = clean_environment(ROOT)
    assert "EMAIL_URL" not in clean
    assert clean["UNRELATED"] == "kept"
    assert os.environ["EMAIL_URL"] == "smtp://real"
