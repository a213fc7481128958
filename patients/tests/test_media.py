"""Is a file taken for what it is, whatever it is called, and nothing that could run?"""

import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patients.media import LARGEST, NotTaken, judged

PDF = b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<<>>\n%%EOF"
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 20 + b"IEND\xaeB`\x82"
JPEG = b"\xff\xd8\xff\xe0" + b"\0" * 20 + b"\xff\xd9"
HIDDEN = b"%PDF-1.7\n1 0 obj<</Type/ObjStm>>stream\n" + zlib.compress(b"<</Type/Action/S/JavaScript>>") + b"endstream\n%%EOF"


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (PDF, "application/pdf"),
        (PNG, "image/png"),
        (JPEG, "image/jpeg"),
        (b"II*\0rest", "image/tiff"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "image/webp"),
        (b"\0" * 128 + b"DICM\x02", "application/dicom"),
        ("Befund: unauffällig\n".encode(), "text/plain"),
    ],
)
def test_what_shows_a_document_is_taken(content, media_type):
    assert judged(content).media_type == media_type


@pytest.mark.parametrize(
    ("content", "said", "code"),
    [
        (b"", "", "empty"),
        (b"a" * (LARGEST + 1), "", "too_large"),
        (b"MZ\x90\0\x03", "image/png", "unknown_kind"),
        (b"PK\x03\x04", "", "unknown_kind"),
        (b"<svg onload=alert(1)>", "image/svg+xml", "unknown_kind"),
        (b"\xef\xbb\xbf <html>", "text/plain", "unknown_kind"),
        (b"#!/bin/sh", "text/plain", "unknown_kind"),
        (PNG[:-12] + b"<script>", "image/png", "unknown_kind"),
        (PDF, "image/png", "mismatch"),
        (PDF.replace(b"/Type", b"/OpenAction<</S/JavaScript>>/Type"), "", "active_content"),
        (PDF.replace(b"/Type", b"/S/J#61vaScript/Type"), "", "active_content"),
        (PDF.replace(b"trailer<<", b"trailer<</Encrypt 5 0 R"), "", "active_content"),
        (HIDDEN, "", "active_content"),
    ],
)
def test_what_lies_or_could_run_is_refused(content, said, code):
    with pytest.raises(NotTaken) as refused:
        judged(content, said)
    assert refused.value.code == code


@given(st.binary(max_size=300))
@settings(max_examples=100, deadline=None)
def test_whatever_comes_is_taken_or_refused_and_never_an_error(content):
    for head in (b"", b"%PDF-1.4", b"\xff\xd8\xff", b"RIFF"):
        try:
            assert judged(head + content).media_type
        except NotTaken as refused:
            assert refused.code
