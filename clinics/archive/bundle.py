"""What does an archive look like on disk? One tar file: a CSV a table, sealed files, the manifest, its signatures."""

import contextlib
import hashlib
import os
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

import orjson

from clinics.archive import signing
from clinics.archive.rows import Proof
from healthcare.core.errors import Refused

MANIFEST, SIGNATURES = "manifest.json", "signatures.json"
FORMAT, VERSION = "healthcare clinic archive", 2
READABLE = (1, 2)  # 1: without the files of documents
BLOCK = 1 << 20
LARGEST_MANIFEST = 16 << 20


class AlreadyThere(Refused):
    code = "archive_exists"
    detail = "There is a file of this name; nothing is overwritten."


class Damaged(Refused):
    code = "archive_damaged"
    detail = "The archive is not what was written."


class NotOurs(Refused):
    code = "archive_not_signed"
    detail = "The archive was not signed by this installation, nor with the passphrase given."


class Writer:
    """Writes beside the place the archive will have; it appears there whole, when `finish` returns, or not at all."""

    def __init__(self, path: Path) -> None:
        if path.exists() or path.is_symlink():
            raise AlreadyThere
        self.path, self.partial = path, path.with_name(f".{path.name}.partial-{os.getpid()}")
        self.file: IO[bytes] = os.fdopen(os.open(self.partial, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600), "wb")
        self.tar = tarfile.open(fileobj=self.file, mode="w", format=tarfile.PAX_FORMAT)  # noqa: SIM115 (closed by `writing`)
        self.members: list[dict[str, Any]] = []

    def add(self, name: str, fill: Callable[[Callable[[bytes], object]], Proof], **known: Any) -> Proof:
        """Add a member that `fill` writes; its bytes wait on disk, not in memory, until their length is known."""
        with tempfile.TemporaryFile(dir=self.path.parent) as spool:
            proof = fill(spool.write)
            self._member(name, spool, proof.bytes)
        self.members.append({"member": name, "rows": proof.rows, "bytes": proof.bytes, "sha256": proof.sha256, **known})
        return proof

    def finish(self, facts: dict[str, Any], keys: dict[str, bytes]) -> str:
        """Write manifest and signatures, and let the archive appear. Answers the manifest's SHA-256. Raises AlreadyThere."""
        whole = {"format": FORMAT, "version": VERSION, **facts, "members": self.members}
        manifest = orjson.dumps(whole, option=orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2)
        signed = orjson.dumps({name: signing.sign(manifest, key) for name, key in keys.items()})
        for name, data in ((MANIFEST, manifest), (SIGNATURES, signed)):
            with tempfile.TemporaryFile(dir=self.path.parent) as spool:
                spool.write(data)
                self._member(name, spool, len(data))
        self.tar.close()
        self.file.flush()
        os.fsync(self.file.fileno())
        self._appear()
        return hashlib.sha256(manifest).hexdigest()

    def close(self) -> None:
        """Leave nothing half-written."""
        self.file.close()
        self.partial.unlink(missing_ok=True)

    def _member(self, name: str, spool: IO[bytes], size: int) -> None:
        spool.seek(0)
        info = tarfile.TarInfo(name)
        info.size, info.mode = size, 0o600
        self.tar.addfile(info, spool)

    def _appear(self) -> None:
        try:
            os.link(self.partial, self.path)  # unlike a rename, this never replaces
        except FileExistsError:
            raise AlreadyThere from None
        folder = os.open(self.path.parent, os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)


@contextlib.contextmanager
def writing(path: Path) -> Iterator[Writer]:
    writer = Writer(path)
    try:
        yield writer
    finally:
        writer.close()


class Reader:
    """An archive, of which nothing is used before `prove` has read all of it."""

    def __init__(self, path: Path) -> None:
        try:
            self.file = path.open("rb")
            self.tar = tarfile.open(fileobj=self.file, mode="r:")  # noqa: SIM115 (closed by `reading`)
        except (OSError, tarfile.TarError):
            raise Damaged("The archive can't be opened: it is missing, or no tar file.") from None
        self.manifest: dict[str, Any] = {}

    def prove(self, passphrase: str | None = None) -> dict[str, Any]:
        """Signature first, then every member's length and hash; none may be missing, extra or twice. Answers the manifest.

        Raises Damaged, NotOurs.
        """
        found = self._members()
        self.manifest = self._signed(found, passphrase)
        listed = {entry["member"]: entry for entry in self.manifest["members"]}
        if missing := sorted(set(listed) - set(found)):
            raise Damaged(f"The archive lacks {missing[0]}.")
        if extra := sorted(set(found) - set(listed) - {MANIFEST, SIGNATURES}):
            raise Damaged(f"The archive has a member that its manifest does not name: {extra[0][:80]!r}.")
        for name, entry in listed.items():
            if _proof(self.blocks(name)) != (entry["bytes"], entry["sha256"]):
                raise Damaged(f"{name} is not what was written: its SHA-256 differs from the manifest's.")
        return self.manifest

    def blocks(self, name: str) -> Iterator[bytes]:
        """A member's bytes, block by block."""
        try:
            member = self.tar.extractfile(name)
            while block := member.read(BLOCK):  # type: ignore[union-attr]
                yield block
        except (OSError, tarfile.TarError):
            raise Damaged(f"{name} ends early or can't be read.") from None

    def entry(self, name: str) -> dict[str, Any]:
        return next(entry for entry in self.manifest["members"] if entry["member"] == name)

    def has(self, name: str) -> bool:
        return any(entry["member"] == name for entry in self.manifest["members"])

    def close(self) -> None:
        self.file.close()

    def _members(self) -> dict[str, tarfile.TarInfo]:
        try:
            members = self.tar.getmembers()
        except (OSError, tarfile.TarError):
            raise Damaged("The archive ends early or is no tar file.") from None
        found = {member.name: member for member in members}
        if len(found) != len(members):
            raise Damaged("The archive has a member twice.")
        if strange := [member.name for member in members if not member.isreg()]:
            raise Damaged(f"The archive has a member that is no plain file: {strange[0][:80]!r}.")
        return found

    def _signed(self, found: dict[str, tarfile.TarInfo], passphrase: str | None) -> dict[str, Any]:
        for name in (MANIFEST, SIGNATURES):
            if name not in found or found[name].size > LARGEST_MANIFEST:
                raise Damaged(f"The archive lacks {name}; it ends early, or is none of ours.")
        text = b"".join(self.blocks(MANIFEST))
        try:
            manifest, signed = orjson.loads(text), orjson.loads(b"".join(self.blocks(SIGNATURES)))
            signatures = (signed.get("installation"), signed.get("passphrase"))
            terms = manifest.get("passphrase")
        except (orjson.JSONDecodeError, AttributeError):
            raise Damaged("The manifest can't be read.") from None
        ours = any(signing.is_signed(text, signatures[0], key) for key in signing.installation_keys())
        if not ours and not self._by_passphrase(text, signatures[1], passphrase, terms):
            raise NotOurs
        if manifest.get("format") != FORMAT or manifest.get("version") not in READABLE:
            raise Damaged("The archive is of a format that this release does not read.")
        return dict(manifest)

    def _by_passphrase(self, text: bytes, signature: Any, passphrase: str | None, terms: Any) -> bool:
        if not passphrase or not isinstance(terms, dict):
            return False
        try:
            secret = signing.from_passphrase(passphrase, terms)
        except (ValueError, KeyError, TypeError):
            return False
        return signing.is_signed(text, signature, signing.derived(secret, "manifest"))


@contextlib.contextmanager
def reading(path: Path) -> Iterator[Reader]:
    reader = Reader(path)
    try:
        yield reader
    finally:
        reader.close()


def _proof(blocks: Iterator[bytes]) -> tuple[int, str]:
    digest, size = hashlib.sha256(), 0
    for block in blocks:
        digest.update(block)
        size += len(block)
    return size, digest.hexdigest()
