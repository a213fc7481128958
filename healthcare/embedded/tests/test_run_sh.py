"""Does run.sh find its Python from anywhere, install once, and refuse in one line?"""

import os
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from healthcare.embedded import install
from healthcare.embedded.environment import ROOT
from healthcare.embedded.trouble import Trouble


def run(folder: Path, *words: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(folder / "run.sh"), *words],
        cwd="/",
        env={"PATH": "/usr/bin:/bin", **env},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def tools(folder: Path, *names: str, python: str) -> str:
    """A PATH with these tools and a `python3.11` that does what `python` says."""
    folder.mkdir()
    for name in names:
        for place in ("/usr/bin", "/bin"):
            if (Path(place) / name).exists():
                (folder / name).symlink_to(Path(place) / name)
                break
    shim = folder / "python3.11"
    shim.write_text(python)
    shim.chmod(0o755)
    return str(folder)


def test_without_python_3_11_one_line_says_so(copy: Path, tmp_path: Path) -> None:
    broken_shim = "#!/bin/sh\necho 'pyenv: python3.11: command not found' >&2\nexit 127\n"
    path = tools(tmp_path / "bin", "bash", "env", "dirname", "date", python=broken_shim)
    done = run(copy, "dev", "start", PATH=path)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.count("\n") == 1
    assert "Python 3.11 is needed" in done.stderr


def test_stop_and_status_need_no_installation(copy: Path) -> None:
    assert run(copy, "dev", "stop").stdout == "not running\n"
    assert run(copy, "dev", "status").returncode == 3


@pytest.mark.parametrize("words", [[], ["dev"], ["dev", "dance"], ["fly"], ["prod"]])
def test_what_is_not_understood_shows_the_commands(copy: Path, words: list[str]) -> None:
    done = run(copy, *words)
    assert done.returncode in (1, 2)  # 1: no docker to pass it on to
    assert done.stderr


def test_prod_without_docker_says_so(copy: Path, tmp_path: Path) -> None:
    path = tools(tmp_path / "bin", "bash", "env", "dirname", python="#!/bin/sh\n")
    done = run(copy, "prod", "start", PATH=path)
    assert (done.returncode, done.stderr) == (
        1,
        "run.sh: prod needs docker with the compose plugin, and docker was not found\n",
    )


def test_scripts_are_executable_and_well_formed() -> None:
    for name in ("run.sh", ".ci/run", "deploy/serve", "deploy/alive", "deploy/nginx/prepare.sh", "manage.py"):
        assert os.access(ROOT / name, os.X_OK), name
    for name in ("run.sh", ".ci/run"):
        subprocess.run(["bash", "-n", ROOT / name], check=True)


@pytest.fixture
def venv(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installer that works on a folder of its own, the same for these tests, and on an empty list of packages."""
    tmp_path = tmp_path_factory.getbasetemp() / "installed"
    tmp_path.mkdir(exist_ok=True)
    requirements = tmp_path / "requirements-dev.txt"
    requirements.write_text("--only-binary :all:\n")
    for name, value in (("VENV", tmp_path / "v"), ("STAMP", tmp_path / "v" / "installed"), ("REQUIREMENTS", requirements)):
        monkeypatch.setattr(install, name, value)
    monkeypatch.setattr(install, "ROOT", tmp_path)
    monkeypatch.setattr(sys, "executable", sysconfig.get_config_var("BINDIR") + "/python3.11")
    return tmp_path / "v"


def test_an_installation_is_made_once_and_again_when_requirements_change(
    venv: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    install.STAMP.unlink(missing_ok=True)
    assert install.main() == 0
    assert "packages" in capsys.readouterr().out
    assert install.main() == 0
    assert capsys.readouterr().out == ""
    install.REQUIREMENTS.write_text("--only-binary :all:\n# changed\n")
    assert install.main() == 0
    assert "packages" in capsys.readouterr().out


def test_a_broken_environment_is_made_anew(venv: Path) -> None:
    assert install.main() == 0
    (venv / "bin" / "python").unlink()
    assert install.main() == 0
    subprocess.run([venv / "bin" / "python", "-m", "pip", "--version"], check=True, capture_output=True)


def test_a_requirement_with_a_wrong_hash_is_refused_and_tried_again_next_time(
    venv: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wheel = tmp_path / "thing-1.0-py3-none-any.whl"
    wheel.write_bytes(b"not what was promised")
    install.REQUIREMENTS.write_text(f"thing @ {wheel.as_uri()} --hash=sha256:{'0' * 64}\n")
    assert install.main() == 1
    assert "run.sh: installing failed: ERROR: THESE PACKAGES DO NOT MATCH THE HASHES" in capsys.readouterr().err
    assert install._installed() is None


def test_a_python_that_can_not_make_an_environment_is_told(venv: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    monkeypatch.setattr(install, "VENV", venv.parent / "none")
    with pytest.raises(Trouble, match="can't make a virtual environment"):
        install.install("wanted")
