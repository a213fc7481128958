"""A chart's files, on the wire: what is sent with one, and what is told of it."""

import re
from typing import Any

from rest_framework import serializers

from healthcare.core.shapes import Strict, Text
from patients.models import Document
from patients.serializers.entries import HEAD, EntryOutput

NOT_IN_NAMES = re.compile(r"[\x00-\x1f\x7f/\\\\:*?\"<>|\u202a-\u202e\u2066-\u2069]+")  # paths; signs that turn text around


class ChartDocumentInput(Strict):
    """A form (`multipart/form-data`) with the file; 20 MB at most. PDF, JPEG, PNG, TIFF, WebP, DICOM or plain text."""

    file = serializers.FileField()
    title = Text(required=False, allow_blank=True)
    kind = serializers.ChoiceField(choices=Document.Kind.choices, required=False)
    visit = serializers.UUIDField(required=False)
    is_sensitive = serializers.BooleanField(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        file = attrs.pop("file")
        name = NOT_IN_NAMES.sub("_", file.name or "")[-150:].strip(". ") or "document"
        told = {"title": "", **attrs}
        return {**told, "content": file.read(), "said": file.content_type or "", "file_name": name}


class ChartDocumentOutput(EntryOutput):
    """`file_name` is made safe; `sha256` is of the content."""

    visit = serializers.UUIDField(source="visit_id", allow_null=True)
    title = serializers.CharField()
    file_name = serializers.CharField()
    sha256 = serializers.CharField()

    class Meta:
        model = Document
        fields = (*HEAD, "kind", "visit", "title", "file_name", "media_type", "size", "sha256", "is_sensitive")
