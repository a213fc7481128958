"""Where do documents lie? Sealed, one file each, in the clinic's own folder; a name tells clinic, chart and document by id.

    <DOCUMENTS_DIR>/<clinic's schema>/<chart's id>/<document's id>.sealed

The content is sealed whole under the key of the chart it was first put in (`sealed_for`): a chart that becomes part of
another keeps its key, and both fall together. A file is written beside its place and renamed, so it is there whole or not.
"""

import shutil
from pathlib import Path
from uuid import UUID

from clinics.archive.stored import folder_of, write
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
