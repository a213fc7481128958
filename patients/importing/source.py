"""What does a file hold? Rows with a key each, from CSV or a FHIR R4 bundle. Pure: no database, no clinic.

A row's key says what it is wherever it comes from: its `fullUrl` where that is an address or a URN of its own, else its id
within this very file; a CSV row is its own content. What was imported under a key once is not imported again.
"""

import csv
import hashlib
import io
from typing import Any, NamedTuple

import orjson

MOST_ROWS = 200_000
MOST_COLUMNS = 100


class SourceUnreadable(ValueError):
    """`code` says why: not_utf8, not_json, not_a_bundle, no_rows, too_many_rows, no_header."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


class Row(NamedTuple):
    number: int  # from 1
    what: str  # "Patient", "Observation" …; of a CSV always "Patient"
    key: str
    said: dict[str, Any]


class Source(NamedTuple):
    rows: list[Row]
    keys: dict[str, str]  # how rows are referred to ("Patient/12") → key

    def key_of(self, reference: str) -> str:
        """The key that a reference leads to, in this file or in another one."""
        return self.keys.get(reference, reference)


def read(form: str, content: bytes) -> Source:
    """Raises SourceUnreadable."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise SourceUnreadable("not_utf8") from None
    if "\x00" in text or "\\u0000" in text:
        raise SourceUnreadable("not_utf8")
    found = _csv(text) if form == "csv" else _fhir(text, hashlib.sha256(content).hexdigest())
    if not found.rows:
        raise SourceUnreadable("no_rows")
    if len(found.rows) > MOST_ROWS:
        raise SourceUnreadable("too_many_rows")
    return found


def _csv(text: str) -> Source:
    try:
        reader = csv.DictReader(io.StringIO(text), strict=True)
        names = [name.strip().lower() for name in reader.fieldnames or ()]
        if "first_name" not in names or len(names) > MOST_COLUMNS:
            raise SourceUnreadable("no_header")
        reader.fieldnames = names
        lines = [{name: (value or "").strip() for name, value in line.items() if isinstance(name, str)} for line in reader]
    except (csv.Error, AttributeError):
        raise SourceUnreadable("no_header") from None
    rows = [Row(number, "Patient", _content_key(line), line) for number, line in enumerate(lines, 1)]
    return Source(rows, {})


def _content_key(line: dict[str, Any]) -> str:
    return "csv|" + hashlib.sha256(orjson.dumps(line, option=orjson.OPT_SORT_KEYS)).hexdigest()


def _fhir(text: str, digest: str) -> Source:
    try:
        bundle = orjson.loads(text)
    except orjson.JSONDecodeError:
        raise SourceUnreadable("not_json") from None
    entries = bundle.get("entry") if isinstance(bundle, dict) and bundle.get("resourceType") == "Bundle" else None
    if not isinstance(entries, list):
        raise SourceUnreadable("not_a_bundle")
    rows, keys = [], {}
    for number, entry in enumerate(entries, 1):
        entry = entry if isinstance(entry, dict) else {}
        resource = entry.get("resource")
        resource = resource if isinstance(resource, dict) else {}
        what, local = str(resource.get("resourceType", ""))[:40], str(resource.get("id", ""))[:200]
        url = entry.get("fullUrl")
        own = url if isinstance(url, str) and url.startswith(("urn:uuid:", "urn:oid:", "http://", "https://")) else ""
        key = own or f"{digest}|{what}/{local or number}"
        rows.append(Row(number, what, key, resource))
        keys[f"{what}/{local}"] = key
    return Source(rows, keys)
