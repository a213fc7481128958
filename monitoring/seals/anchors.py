"""What lies outside the database, so that a database put back to an older state shows? One line a seal, in a file a chain.

AUDIT_ANCHORS names the folders, by comma: the first for what verifies, more of them in other hands (another machine's disk, a
bucket that keeps what it once got). A line has the seal's number, hash and signature: nothing of the entries.
"""

import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from django.conf import settings


class Anchor(NamedTuple):
    number: int
    hash: str
    last: int  # the last entry's number
    at: str
    key: str
    signature: str


def folders() -> list[Path]:
    return [Path(name) for name in settings.AUDIT_ANCHORS]


def keep(chain: str, seals: Iterable[Any]) -> int:
    """Write what the folders lack of these seals, in order; answers how many lines. Raises OSError where a folder fails."""
    seals, count = list(seals), 0
    for folder in folders():
        lacking = [seal for seal in seals if seal.number > _newest(folder, chain)]
        _append(_file(folder, chain), [_line(seal) for seal in lacking])
        count += len(lacking)
    return count


def newest(chain: str) -> int:
    """The highest number that every folder has; 0 where one has none."""
    return min((_newest(folder, chain) for folder in folders()), default=0)


def of(chain: str) -> dict[int, set[Anchor]]:
    """All anchors of a chain in all folders, by number: more than one where they contradict each other."""
    found: dict[int, set[Anchor]] = {}
    for folder in folders():
        for anchor in _read(_file(folder, chain)):
            found.setdefault(anchor.number, set()).add(anchor)
    return found


def _newest(folder: Path, chain: str) -> int:
    try:
        with _file(folder, chain).open("rb") as file:
            file.seek(0, os.SEEK_END)
            file.seek(max(0, file.tell() - 4096))
            return max((a.number for a in map(_parsed, file.read().splitlines()) if a is not None), default=0)
    except FileNotFoundError:
        return 0


def _read(path: Path) -> Iterator[Anchor]:
    if path.exists():
        with path.open("rb") as file:
            yield from (anchor for anchor in map(_parsed, file) if anchor is not None)


def _parsed(line: bytes) -> Anchor | None:
    """A line cut off by a crash is none; the next round writes it anew."""
    try:
        return Anchor(**json.loads(line))
    except (ValueError, TypeError):
        return None


def _line(seal: Any) -> bytes:
    known = Anchor(
        number=seal.number,
        hash=bytes(seal.hash).hex(),
        last=seal.last,
        at=seal.sealed_at.isoformat(),
        key=seal.key,
        signature=bytes(seal.signature).hex(),
    )
    return json.dumps(known._asdict(), separators=(",", ":")).encode()


def _append(path: Path, lines: list[bytes]) -> None:
    if not lines:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab") as file:
        start = b"\n" if file.tell() and not _ends_whole(path) else b""
        file.write(start + b"".join(line + b"\n" for line in lines))
        file.flush()
        os.fsync(file.fileno())


def _ends_whole(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read(1) == b"\n"


def _file(folder: Path, chain: str) -> Path:
    return folder / f"{chain}.jsonl"
