"""Does a process started by hand see the right variables, and never more than it should?"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from healthcare.embedded import environment
from healthcare.embedded.environment import ROOT


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A clone's root with nothing in it, and an environment that says nothing."""
    monkeypatch.setattr(environment, "ROOT", tmp_path)
    for name in ("HEALTHCARE_ENV", "HEALTHCARE_PROFILE", "DATABASE_URL", "LOG_LEVEL", "SECRET_KEY"):
        monkeypatch.setenv(name, "")
    return tmp_path


def services(root: Path, profile: str, **values: str) -> None:
    folder = root / ".local" / profile
    folder.mkdir(parents=True)
    environment.write(folder / "services.env", values)


def test_services_of_development_are_found_by_hand(root: Path) -> None:
    services(root, "dev", DATABASE_URL="postgresql://dev")
    environment.load()
    assert (os.environ["DATABASE_URL"], os.environ["HEALTHCARE_ENV"]) == ("postgresql://dev", "development")


def test_what_is_set_stays_and_the_env_file_beats_the_services(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    services(root, "dev", DATABASE_URL="postgresql://dev", LOG_LEVEL="INFO", SECRET_KEY="services")
    (root / ".env").write_text("LOG_LEVEL=DEBUG\nSECRET_KEY=file\nDATABASE_URL=\n")
    monkeypatch.setenv("SECRET_KEY", "set")
    environment.load()
    seen = [os.environ[name] for name in ("SECRET_KEY", "LOG_LEVEL", "DATABASE_URL")]
    assert seen == ["set", "DEBUG", "postgresql://dev"]


@pytest.mark.parametrize("said", ["HEALTHCARE_ENV", "HEALTHCARE_PROFILE"])
def test_tests_read_neither_the_env_file_nor_the_developer_s_services(
    root: Path, monkeypatch: pytest.MonkeyPatch, said: str
) -> None:
    services(root, "dev", DATABASE_URL="postgresql://dev")
    services(root, "test", SECRET_KEY="test")
    (root / ".env").write_text("DATABASE_URL=postgresql://real\n")
    monkeypatch.setenv(said, "test")
    environment.load()
    assert (os.environ["DATABASE_URL"], os.environ["SECRET_KEY"], os.environ["HEALTHCARE_ENV"]) == ("", "test", "test")


def test_production_never_takes_secrets_of_development(root: Path) -> None:
    services(root, "dev", SECRET_KEY="development")
    (root / ".env").write_text("HEALTHCARE_ENV=production\n")
    environment.load()
    assert (os.environ["SECRET_KEY"], os.environ["HEALTHCARE_ENV"]) == ("", "production")


@pytest.mark.parametrize(
    "value", ["", "plain", "1 minute", 'a"b\\c$d`e', "it's", "# no comment", "naïve ünïcode", "a=b&c;d|e", " x "]
)
def test_what_is_written_is_read_again_also_by_a_shell(tmp_path: Path, value: str) -> None:
    file = tmp_path / "a.env"
    environment.write(file, {"NAME": value})
    assert environment.read(file) == {"NAME": value}
    shell = f'set -a; . "{file}"; printf %s "$NAME"'
    assert subprocess.run(["bash", "-c", shell], capture_output=True, text=True, check=True).stdout == value


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("A=b", "b"),
        ("export A=b", "b"),
        ("A = b # a remark", "b"),
        ("A=b#c", "b#c"),
        ("A='b # c' # d", "b # c"),
        ('A="b\\"c"', 'b"c'),
        ("A=", ""),
        ("A= # nothing", ""),
    ],
)
def test_a_line_is_read_as_a_shell_would(tmp_path: Path, line: str, wanted: str) -> None:
    (tmp_path / ".env").write_text(f"# a remark\n\n{line}\n")
    assert environment.read(tmp_path / ".env") == {"A": wanted}


@pytest.mark.parametrize("line", ["A", "=b", "1A=b", "A B=c", 'A="b', "A='b' c"])
def test_a_malformed_line_ends_the_process_with_file_and_number(root: Path, line: str) -> None:
    (root / ".env").write_text(f"B=c\n{line}\n")
    with pytest.raises(SystemExit) as ended:
        environment.load()
    assert str(ended.value).startswith(f"{root}/.env line 2: ")
    assert "\n" not in str(ended.value)


def test_the_first_import_of_settings_needs_the_standard_library_alone() -> None:
    done = subprocess.run(
        [sys.executable, "-S", "-E", "-c", "import healthcare.embedded.environment, healthcare.embedded.install"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
