"""Which files belong to a clinic? Its documents, sealed; they travel as they lie, and come back where they lay.

<DOCUMENTS_DIR>/<clinic's schema>/<a chart's id, or "imports">/<id>.sealed
"""

import hashlib
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path

from django.conf import settings

from clinics.archive.bundle import Damaged, Reader, Writer
from clinics.archive.rows import Proof

FOLDER = "files/"
NAME = re.compile(r"files/(?:[0-9a-f-]{36}|imports)/[0-9a-f-]{36}\.sealed")


def folder_of(schema: str) -> Path:
    """The folder of one clinic, named like its schema."""
    return Path(settings.DOCUMENTS_DIR) / schema


def is_file(member: str) -> bool:
    return member.startswith(FOLDER)


def add_all(writer: Writer, schema: str) -> int:
    """Every file of the clinic. One that is removed meanwhile was not wanted any more. Answers how many."""
    added = 0
    for place in sorted(folder_of(schema).glob("*/*.sealed")):
        try:
            data = place.read_bytes()
        except FileNotFoundError:
            continue
        writer.add(f"{FOLDER}{place.parent.name}/{place.name}", _filling(data))
        added += 1
    return added


def put_back(reader: Reader, schema: str) -> int:
    """Each of the archive's files in its place, whole or not at all; what lies there as it should is left. Answers how many.

    Done before the rows: a file without a row is nothing, a row without its file is a loss. Raises Damaged.
    """
    entries = [entry for entry in reader.manifest["members"] if is_file(entry["member"])]
    if strange := [entry["member"] for entry in entries if not NAME.fullmatch(entry["member"])]:
        raise Damaged(f"The archive has a file of a strange name: {strange[0][:80]!r}.")
    for entry in entries:
        place = folder_of(schema) / entry["member"].removeprefix(FOLDER)
        if not (place.exists() and hashlib.sha256(place.read_bytes()).hexdigest() == entry["sha256"]):
            write(place, reader.blocks(entry["member"]))
    return len(entries)


def write(place: Path, blocks: Iterator[bytes]) -> None:
    """Beside its place, then renamed, so that it is there whole or not."""
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    partial = place.with_suffix(f".{os.getpid()}.partial")
    descriptor = os.open(partial, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        for block in blocks:
            file.write(block)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(place)


def _filling(data: bytes) -> Callable[[Callable[[bytes], object]], Proof]:
    def fill(put: Callable[[bytes], object]) -> Proof:
        put(data)
        return Proof(0, len(data), hashlib.sha256(data).hexdigest())

    return fill
