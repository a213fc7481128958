"""Which operations are there? Those of the OpenAPI schema; each must have its row in `operations`, with every id it takes."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from drf_spectacular.generators import SchemaGenerator

from healthcare.probe.operations import OPERATIONS, Op, Place

METHODS = ("get", "post", "put", "patch", "delete")
# parameters that name the clinic, or a page of a list; the probe has places of their own for them
HANDLED = {"clinic_id", "cursor", "page_size"}


class Described(NamedTuple):
    """An operation as the schema has it, with its row."""

    key: str
    method: str
    path: str
    op: Op
    in_path: tuple[str, ...]
    in_query: tuple[str, ...]
    is_list: bool
    takes_key: bool  # Idempotency-Key


def read() -> tuple[list[Described], list[str]]:
    """All operations, and what could not be classified: why, in words."""
    schema: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    found, doubts = [], []
    for path, methods in schema["paths"].items():
        for method in METHODS:
            if (operation := methods.get(method)) is None:
                continue
            key = f"{method.upper()} {path}"
            if (op := OPERATIONS.get(key)) is None:
                doubts.append(f"{key}: no row in healthcare/probe/operations.py")
                continue
            doubts += [f"{key}: {doubt}" for doubt in _doubts(op, operation, schema)]
            found.append(_described(key, method.upper(), path, op, operation))
    known = {one.key for one in found}
    doubts += [f"{key}: has a row, but is no operation (any more)" for key in OPERATIONS if key not in known]
    return found, doubts


def _described(key: str, method: str, path: str, op: Op, operation: dict[str, Any]) -> Described:
    parameters = [(p["name"], p["in"]) for p in operation.get("parameters", ())]
    names = {name for name, _ in parameters}
    in_path = tuple(name for name, where in parameters if where == "path" and name in op.ids)
    in_query = tuple(name for name, where in parameters if where == "query" and name in op.ids)
    return Described(key, method, path, op, in_path, in_query, "cursor" in names, "Idempotency-Key" in names)


def _doubts(op: Op, operation: dict[str, Any], schema: dict[str, Any]) -> Iterator[str]:
    for parameter in operation.get("parameters", ()):
        name, where = parameter["name"], parameter["in"]
        takes_id = where == "path" or (where == "query" and parameter["schema"].get("format") == "uuid")
        if takes_id and name not in HANDLED and name not in op.ids:
            yield f"its row does not say what {name} ({where}) is an id of"
        if name == "clinic_id" and op.place not in (Place.PATH, Place.DIRECTORY):
            yield "its path names a clinic, its row does not say so"
    named = set(paths_of_ids(op.body))
    for member in _members_with_ids(operation, schema):
        if member not in named:
            yield f"its row does not say what the body's {member} is an id of"


def paths_of_ids(body: dict[str, Any]) -> Iterator[str]:
    """Members of a body that hold an id, lists as `name[]`."""
    for name, value in body.items():
        if isinstance(value, str) and value.startswith("@"):
            yield name
        if isinstance(value, list) and any(str(item).startswith("@") for item in value):
            yield f"{name}[]"


def _members_with_ids(operation: dict[str, Any], schema: dict[str, Any]) -> Iterator[str]:
    content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    reference = content.get("schema", {}).get("$ref", "").rpartition("/")[2]
    shape = schema["components"]["schemas"].get(reference, {})
    for name, member in shape.get("properties", {}).items():
        if member.get("format") == "uuid":
            yield name
        elif member.get("type") == "array" and member.get("items", {}).get("format") == "uuid":
            yield f"{name}[]"
        elif "$ref" in member or "$ref" in member.get("items", {}):
            nested = schema["components"]["schemas"].get((member.get("$ref") or member["items"]["$ref"]).rpartition("/")[2], {})
            if any(inner.get("format") == "uuid" for inner in nested.get("properties", {}).values()):
                yield name
