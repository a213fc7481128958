"""Did each browser test run? One that was skipped for want of a browser proves nothing."""

# ruff: noqa: T201 — a script has no other way to speak
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

WORDS = ("browser", "chrom", "selenium", "webdriver")


def main(report: str) -> int:
    if not Path(report).exists():
        print("there is no report of the tests")
        return 1
    cases = ElementTree.parse(report).getroot().iter("testcase")  # noqa: S314 — pytest wrote it a moment ago
    skipped = [case for case in cases if (why := case.find("skipped")) is not None and about_browser(case, why)]
    for case in skipped:
        print(f"skipped: {case.get('classname')}.{case.get('name')}")
    return 1 if skipped else 0


def about_browser(case: ElementTree.Element, why: ElementTree.Element) -> bool:
    said = " ".join((case.get("classname") or "", case.get("name") or "", why.get("message") or "")).lower()
    return any(word in said for word in WORDS)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
