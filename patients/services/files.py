"""Where do documents lie? Sealed, one file each, in the clinic's own folder; a name tells clinic, chart and document by id.

    <DOCUMENTS_DIR>/<clinic's schema>/<chart's id>/<document's id>.sealed

The content is sealed whole under the key of the chart it was first put in (`sealed_for`): a chart that becomes part of
another keeps its key, and both fall together. A file is written beside its place and renamed, so it is there whole or not,
and each says itself under which generation of the key it is sealed: `renew` brings it under the newest while others read it.
"""

import shutil
from pathlib import Path
from uuid import UUID

from clinics.archive.stored import folder_of, rewrite, write
from healthcare.core import crypto
from healthcare.core.crypto import Scope, Unreadable, clinic_scope, patient_scope
from healthcare.core.keystore import keys
from healthcare.core.tenancy import current_clinic

DOCUMENT, IMPORT = "document.content", "import.content"  # labels bound into the ciphertext


class FileGone(Exception):
    """The row is there, its file is not: a fault of the store, never answered with something else."""


def keep(*, chart: UUID, document: UUID, content: bytes) -> None:
    """Seal and store a document's content."""
    scope = patient_scope(current_clinic().id, chart)
    write(_place(str(chart), document), iter([_sealed(content, scope, DOCUMENT, document)]))


def read(*, chart: UUID, document: UUID) -> bytes:
    """The content. Raises FileGone, Unreadable (its key was destroyed, or it is another's file)."""
    scope = patient_scope(current_clinic().id, chart)
    return _opened(_place(str(chart), document), scope, DOCUMENT, document)


def renew(*, chart: UUID, document: UUID) -> bool:
    """Seal the file anew under the chart's newest key, if that is newer than its own. Answers whether it was done.

    Who calls holds the document's row, so that nobody removes the file meanwhile. What can't be opened stays as it is.
    """
    return _renewed(_place(str(chart), document), patient_scope(current_clinic().id, chart), DOCUMENT, document)


def is_old(*, chart: UUID, document: UUID) -> bool:
    """Whether the file is sealed under a former generation; false where the file or the key is gone."""
    return _is_old(_place(str(chart), document), patient_scope(current_clinic().id, chart))


def remove(*, chart: UUID, document: UUID) -> None:
    _place(str(chart), document).unlink(missing_ok=True)


def remove_all(chart: UUID) -> None:
    """Every file of a chart."""
    shutil.rmtree(_place(str(chart), chart).parent, ignore_errors=True)


def remove_clinic(clinic: UUID) -> None:
    """Every file of a clinic that has ended; its keys are destroyed, so nothing of them could be read anyway."""
    shutil.rmtree(folder_of(f"clinic_{clinic.hex}"), ignore_errors=True)


def keep_source(run: UUID, content: bytes) -> None:
    """Store what is to be imported, under the clinic's key, until the run is over."""
    write(_place("imports", run), iter([_sealed(content, clinic_scope(current_clinic().id), IMPORT, run)]))


def read_source(run: UUID) -> bytes:
    return _opened(_place("imports", run), clinic_scope(current_clinic().id), IMPORT, run)


def renew_source(run: UUID) -> bool:
    """As `renew`, of what is still to be imported."""
    return _renewed(_place("imports", run), clinic_scope(current_clinic().id), IMPORT, run)


def remove_source(run: UUID) -> None:
    _place("imports", run).unlink(missing_ok=True)


def _place(folder: str, name: UUID) -> Path:
    return folder_of(current_clinic().schema_name) / folder / f"{name}.sealed"


def _sealed(content: bytes, scope: Scope, label: str, row: UUID) -> bytes:
    return crypto.seal(content, keys.newest(scope), crypto.aad(scope, label, row))


def _opened(place: Path, scope: Scope, label: str, row: UUID) -> bytes:
    try:
        sealed = place.read_bytes()
    except FileNotFoundError:
        raise FileGone(str(row)) from None
    if len(sealed) < crypto.HEADER:
        raise Unreadable
    return crypto.unseal(sealed, keys.exact(scope, crypto.generation_of(sealed)), crypto.aad(scope, label, row))


def _renewed(place: Path, scope: Scope, label: str, row: UUID) -> bool:
    if not _is_old(place, scope):
        return False
    try:
        rewrite(place, iter([_sealed(_opened(place, scope, label, row), scope, label, row)]))
    except (FileGone, FileNotFoundError, Unreadable):
        return False
    return True


def _is_old(place: Path, scope: Scope) -> bool:
    try:
        with place.open("rb") as file:
            head = file.read(crypto.HEADER)
        return len(head) == crypto.HEADER and crypto.generation_of(head) < keys.newest(scope).generation
    except (FileNotFoundError, Unreadable):
        return False
