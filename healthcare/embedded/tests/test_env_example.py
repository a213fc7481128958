"""Does `.env.example` name every variable that the product reads, and only those?"""

import re
from itertools import pairwise
from pathlib import Path

import pytest

from healthcare.embedded import environment
from healthcare.embedded.environment import ROOT

EXAMPLE = ROOT / ".env.example"
INTERNAL = {"HEALTHCARE_PROFILE", "HEALTHCARE_RUN_STARTED", "HEALTHCARE_TEST_PROFILE", "DJANGO_SETTINGS_MODULE", "HOME"}
READERS = re.compile(
    r"""(?:\benv\.[a-z_]+|environ\.get|environ|getenv|secret|text|database|stop)[\[(]\s*["']([A-Z][A-Z0-9_]+)["']"""
)
FALLBACKS = re.compile(r"""fallback=["']([A-Z][A-Z0-9_]+)["']""")
IN_COMPOSE = re.compile(r"\$\{([A-Z][A-Z0-9_]+)")
IN_SHELL = re.compile(r"\$\{([A-Z][A-Z0-9_]+)[:}]")


def named() -> set[str]:
    return set(re.findall(r"^#([A-Z][A-Z0-9_]*)=", EXAMPLE.read_text(), re.MULTILINE))


def read_by(files: list[Path], *patterns: re.Pattern[str]) -> set[str]:
    return {name for file in files if file.exists() for pattern in patterns for name in pattern.findall(file.read_text())}


def settings() -> list[Path]:
    return [ROOT / "healthcare" / "settings.py", ROOT / "healthcare" / "core" / "env.py"]


def launcher() -> list[Path]:
    return [*(ROOT / "healthcare" / "embedded").glob("*.py")]


def test_every_variable_of_settings_is_named() -> None:
    assert read_by(settings(), READERS, FALLBACKS) - named() - INTERNAL == set()


def test_every_variable_of_the_launcher_is_named() -> None:
    assert read_by(launcher(), READERS) - named() - INTERNAL == set()


def test_every_variable_of_the_containers_is_named() -> None:
    assert read_by([ROOT / "compose.yaml"], IN_COMPOSE) - named() == set()
    scripts = [ROOT / "deploy" / "serve", ROOT / "deploy" / "nginx" / "prepare.sh"]
    assert read_by(scripts, IN_SHELL) - named() == set()


def test_a_variable_that_nobody_reads_is_not_named() -> None:
    everywhere = "".join(
        file.read_text()
        for file in (*settings(), *launcher(), ROOT / "compose.yaml", ROOT / "run.sh", ROOT / "deploy" / "serve")
        if file.exists()
    )
    assert {name for name in named() if name not in everywhere} == set()


def test_a_copy_changes_nothing() -> None:
    assert environment.read(EXAMPLE) == {}


def test_each_named_variable_has_a_meaning() -> None:
    lines = EXAMPLE.read_text().splitlines()
    bare = [line for before, line in pairwise(lines) if re.match(r"#[A-Z]", line) and not before]
    assert bare == []


@pytest.mark.parametrize("secret", ["SECRET_KEY", "ROOT_KEY", "POSTGRES_PASSWORD", "HEALTHCARE_APP_PASSWORD", "CACHE_PASSWORD"])
def test_a_secret_has_no_default(secret: str) -> None:
    assert f"\n#{secret}=\n" in EXAMPLE.read_text()
    compose = (ROOT / "compose.yaml").read_text()
    assert not re.search(rf"\$\{{{secret}(:?-)", compose)
    assert re.search(rf"\$\{{{secret}:\?", compose)
