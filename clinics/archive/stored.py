"""Which files belong to a clinic? Its documents, sealed; they travel as they lie, and come back where they lay.

<DOCUMENTS_DIR>/<clinic's schema>/<a chart's id, or "imports">/<id>.sealed
"""

import hashlib
import os
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

from django.conf import settings

from clinics.archive.bundle import Damaged, Reader, Writer
from clinics.archive.rows import Proof

FOLDER = "files/"
ABANDONED = 3600.0  # seconds
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
    """A file in its place, whole or not at all; its folder is made."""
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    rewrite(place, blocks)


def rewrite(place: Path, blocks: Iterator[bytes]) -> None:
    """Beside its place, then renamed, so that who reads has the former file or the new one; what fails leaves nothing.

    On disk when this returns: what it was made from may be destroyed then. Raises FileNotFoundError without its folder.
    """
    partial = place.with_suffix(f".{uuid4().hex}.partial")  # several machines may share the folder: no process number
    try:
        with os.fdopen(os.open(partial, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
            for block in blocks:
                file.write(block)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(place)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise
    folder = os.open(place.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def sweep(schema: str) -> int:
    """Remove what writers that were killed left beside its place, an hour after their last byte. Answers how many."""
    swept = 0
    for partial in folder_of(schema).glob("*/*.partial"):
        try:
            if time.time() - partial.stat().st_mtime > ABANDONED:
                partial.unlink()
                swept += 1
        except FileNotFoundError:
            continue
    return swept


def _filling(data: bytes) -> Callable[[Callable[[bytes], object]], Proof]:
    def fill(put: Callable[[bytes], object]) -> Proof:
        put(data)
        return Proof(0, len(data), hashlib.sha256(data).hexdigest())

    return fill
