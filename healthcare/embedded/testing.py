"""How do all tests run on services of their own, whatever the person's environment says?

The tests that play against a running product mostly wait, the others mostly work: asked for all, both parts run side by side,
each on services of its own, and the product's part is printed when the other is through.
"""

import re
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from typing import IO

from healthcare.embedded import services
from healthcare.embedded.layout import Profile
from healthcare.embedded.product import clean_environment

PARTS = {"unit": ["-m", "not e2e"], "e2e": ["-m", "e2e"]}
ASIDE = "test-aside"
NOTHING_TO_RUN = 5  # pytest's word for "no test was chosen": fine for one part, if the other had some
COUNTED = ("passed", "failed", "error", "skipped")


def run(profile: Profile, words: list[str]) -> int:
    """Run pytest; answers its exit code. The last line counts the tests."""
    part = words[0] if words and words[0] in PARTS else ""
    extra = words[1:] if part else words
    aside = Profile.named(ASIDE)
    with profile.locked("run"):  # two runs in one clone would share a database
        try:
            if part:
                return _through(_begin(profile, [*PARTS[part], *extra]))
            return _side_by_side(profile, aside, extra)
        finally:
            services.stop(profile)
            services.stop(aside)


def _side_by_side(profile: Profile, aside: Profile, extra: list[str]) -> int:
    aside.log.mkdir(parents=True, exist_ok=True)
    said, counted = aside.log / "tests.txt", profile.folder / "tests.txt"
    with said.open("w") as quiet:
        other = _begin(aside, [*PARTS["e2e"], *map(_report_of_its_own, extra)], quiet)
        own = _begin(profile, [*PARTS["unit"], *extra], subprocess.PIPE)
        codes = _through(own, other, echo=counted)
    output = said.read_text(errors="replace")
    sys.stdout.write(output)
    print(_sum(counted.read_text(errors="replace"), output), flush=True)
    return codes


def _begin(profile: Profile, words: Sequence[str], output: int | IO[str] | None = None) -> "subprocess.Popen[str]":
    env = clean_environment(profile.root) | services.start(profile) | {"HEALTHCARE_TEST_PROFILE": profile.name}
    errors = subprocess.STDOUT if output is not None else None
    command = [sys.executable, "-m", "pytest", *words]
    return subprocess.Popen(command, cwd=profile.root, env=env, stdout=output, stderr=errors, text=True)


def _through(*runs: "subprocess.Popen[str]", echo: Path | None = None) -> int:
    """Wait for all; what the first says is passed on as it comes (and kept in `echo`). Answers the worst exit code."""

    def hand_on(number: int, frame: FrameType | None) -> None:
        for each in runs:
            each.send_signal(number)

    # From a terminal pytest gets Ctrl-C itself; it ends in its own time, then the services do.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, hand_on)
    if echo is not None and runs[0].stdout is not None:
        with echo.open("w") as kept:
            while text := runs[0].stdout.read(1):
                sys.stdout.write(text)
                sys.stdout.flush()
                kept.write(text)
    codes = [each.wait() for each in runs]
    ran = [code for code in codes if code != NOTHING_TO_RUN]
    return max(ran, key=abs) if ran else NOTHING_TO_RUN


def _report_of_its_own(word: str) -> str:
    """`--junitxml=tests.xml` → `--junitxml=tests-e2e.xml`, so that the parts don't overwrite each other's report."""
    return re.sub(r"^(--junit-?xml=.*?)(\.xml)?$", r"\1-e2e\2", word)


def _sum(*outputs: str) -> str:
    """`1465 passed, 0 failed`, from both closing lines."""
    found = dict.fromkeys(COUNTED, 0)
    for output in outputs:
        for line in re.findall(r"^=*.* in [0-9.]+s.*$", output, re.MULTILINE)[-1:]:
            for number, what in re.findall(r"(\d+) (passed|failed|error|skipped)", line):
                found[what] += int(number)
    skipped = f", {found['skipped']} skipped" if found["skipped"] else ""
    return f"{found['passed']} passed, {found['failed'] + found['error']} failed{skipped}"
