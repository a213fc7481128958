"""What is this file really? Its kind by its first bytes, never by its name or by what the sender says. Pure.

Only kinds that show a document and run nothing are taken. Office files, archives, SVG and HTML are refused: they may carry
programs, and a browser would run some of them in our name.
"""

import re
import zlib
from typing import NamedTuple

LARGEST = 20 * 1024 * 1024  # bytes


class Media(NamedTuple):
    media_type: str
    suffix: str


JPEG, PNG = Media("image/jpeg", "jpg"), Media("image/png", "png")
PDF, TEXT = Media("application/pdf", "pdf"), Media("text/plain", "txt")
TIFF, WEBP, DICOM = Media("image/tiff", "tif"), Media("image/webp", "webp"), Media("application/dicom", "dcm")
KNOWN = (JPEG, PNG, PDF, TEXT, TIFF, WEBP, DICOM)
ALIASES = {"image/jpg": "image/jpeg", "image/pjpeg": "image/jpeg"}
# names in a PDF that make it act when opened or carry other files; `#xx` spells any sign of a name
ACTIVE = re.compile(rb"/(JavaScript|JS|Launch|EmbeddedFiles?|RichMedia|XFA|SubmitForm|ImportData)\b")
STREAM = re.compile(rb"stream\r?\n(.*?)endstream", re.DOTALL)
MOST_STREAMS, MOST_OPENED = 5000, 64 * 1024 * 1024


class NotTaken(ValueError):
    """`code` says why: empty, too_large, unknown_kind, mismatch, active_content."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


def judged(content: bytes, said: str = "") -> Media:
    """What it is. `said` is the sender's media type: one that differs is refused. Raises NotTaken."""
    if not content:
        raise NotTaken("empty")
    if len(content) > LARGEST:
        raise NotTaken("too_large")
    found = _kind(content)
    if found is None:
        raise NotTaken("unknown_kind")
    named = said.partition(";")[0].strip().lower()
    if named not in ("", "application/octet-stream", found.media_type) and ALIASES.get(named) != found.media_type:
        raise NotTaken("mismatch")
    if found is PDF and _acts(content):
        raise NotTaken("active_content")
    return found


def _kind(content: bytes) -> Media | None:
    head = content[:16]
    if head.startswith(b"\xff\xd8\xff"):
        return JPEG if content.rstrip(b"\0\r\n").endswith(b"\xff\xd9") else None
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG if b"IEND" in content[-32:] else None
    if head.startswith((b"%PDF-1.", b"%PDF-2.")):
        return PDF if b"%%EOF" in content[-2048:] else None
    if head[:4] in (b"II*\0", b"MM\0*"):
        return TIFF
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return WEBP
    if content[128:132] == b"DICM":
        return DICOM
    return TEXT if _is_text(content) else None


def _is_text(content: bytes) -> bool:
    """UTF-8 without control characters, and nothing that a browser would take for a page."""
    try:
        text = content.decode()
    except UnicodeDecodeError:
        return False
    if any(sign < " " and sign not in "\t\n\r\f" for sign in text) or "\x7f" in text:
        return False
    return not re.match(r"\s*(<|%!|#!|\{\\rtf)", text.removeprefix("\ufeff"))


def _acts(content: bytes) -> bool:
    """Whether a PDF names something active, in the open or in compressed objects."""
    outside = _spelt_out(STREAM.sub(b"", content))  # chance writes any short name in what is compressed
    if b"/Encrypt" in outside or ACTIVE.search(outside):
        return True
    opened = 0
    for number, found in enumerate(STREAM.finditer(content)):
        if number >= MOST_STREAMS or opened > MOST_OPENED:
            return True  # can't be looked through: not taken
        unpacker = zlib.decompressobj()
        try:
            inner = unpacker.decompress(found.group(1), 8 * 1024 * 1024)
        except zlib.error:
            continue
        opened += len(inner)
        if b"/Type" in inner and ACTIVE.search(_spelt_out(inner)):
            return True
    return False


def _spelt_out(data: bytes) -> bytes:
    return re.sub(rb"#([0-9A-Fa-f]{2})", lambda found: bytes([int(found.group(1), 16)]), data)
