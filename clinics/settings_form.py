"""How do a clinic's settings look as a form, and what does a form say? The shapes of the API judge what was said."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from django.utils.translation import gettext_lazy as _

from clinics import vocabulary

DAYS = (_("Monday"), _("Tuesday"), _("Wednesday"), _("Thursday"), _("Friday"), _("Saturday"), _("Sunday"))
PLAIN = ("zone", "currency", "language")
NUMBERS = ("buffer_minutes", "notice_minutes", "horizon_days")
OF_KIND = ("length_minutes", "price", *NUMBERS)


class KindRow(NamedTuple):
    code: str
    name: str
    offered: bool
    cells: list[tuple[str, Any, str]]  # name of the field, value, label


def shown(document: Mapping[str, Any]) -> dict[str, Any]:
    """What the page's fields hold."""
    offered = {row["kind"]: row for row in document["kinds"] or ()}
    hours = [", ".join(f"{one['opens']}-{one['closes']}" for one in document["hours"] if one["weekday"] == n) for n in range(7)]
    told = document["notifications"]
    return {
        **{name: document[name] if document[name] is not None else "" for name in (*PLAIN, *NUMBERS)},
        "languages": " ".join(document["languages"]),
        "every_kind": document["kinds"] is None,
        "kinds": [_row(code, offered.get(code)) for code in vocabulary.known("kind")],
        "days": list(zip(range(7), DAYS, hours, strict=True)),
        "merge_rules": vocabulary.known("merge_rule"),
        "merge_rule": document["queue"]["merge_rule"] or "",
        "grace_minutes": _text(document["queue"]["grace_minutes"]),
        "reminders": ", ".join(map(str, told["reminders_minutes"])),
        "quiet_from": told["quiet_from"] or "",
        "quiet_until": told["quiet_until"] or "",
        **ticks(document["access"]),
    }


def said(form: Mapping[str, Any]) -> dict[str, Any]:
    """What was filled in, as the API's body; nothing is judged here."""
    return {
        **{name: form.get(name, "") for name in PLAIN},
        **{name: form.get(name) or None for name in NUMBERS},
        "languages": form.get("languages", "").replace(",", " ").split(),
        "kinds": None
        if form.get("every_kind")
        else [_kind(form, code) for code in vocabulary.known("kind") if form.get(f"kind_{code}")],
        "hours": [entry for day in range(7) for entry in _hours(form.get(f"hours_{day}", ""), day)],
        "queue": {"merge_rule": form.get("merge_rule") or None, "grace_minutes": form.get("grace_minutes") or None},
        "notifications": {
            "reminders_minutes": form.get("reminders", "").replace(",", " ").split(),
            "quiet_from": form.get("quiet_from") or None,
            "quiet_until": form.get("quiet_until") or None,
        },
        "access": {"opened": [{"role": role, "permissions": found} for role, found in _ticked(form).items() if found]},
    }


def faults(errors: Any, where: str = "") -> Iterator[str]:
    """The serialiser's errors as sentences that name their member."""
    if isinstance(errors, Mapping):
        for name, inner in errors.items():
            yield from faults(inner, where if name == "non_field_errors" else f"{where} {name}".strip().replace("_", " "))
    elif isinstance(errors, list):
        for number, inner in enumerate(errors):
            yield from faults(inner, f"{where} {number + 1}".strip() if isinstance(inner, (Mapping, list)) else where)
    elif errors:
        yield f"{where}: {errors}" if where else str(errors)


class OpenedRow(NamedTuple):
    permission: str
    cells: list[tuple[str, str, bool] | None]  # name of the field, label, ticked; None where it is never opened


def ticks(access: Mapping[str, Any]) -> dict[str, Any]:
    """What the clinic opens, as the page shows it."""
    return {"opened_roles": opened_roles(), "opened": _opened(access["opened"])}


def opened_roles() -> list[str]:
    return list(dict.fromkeys(code.partition(":")[0] for code in vocabulary.known("opened")))


def _opened(rows: list[dict[str, Any]]) -> list[OpenedRow]:
    """A row a permission, a cell a role."""
    codes = vocabulary.known("opened")
    on = {f"{row['role']}:{permission}" for row in rows for permission in row["permissions"]}
    return [
        OpenedRow(
            permission,
            [
                (f"opened_{code}", f"{permission}, {role}", code in on) if code in codes else None
                for role in opened_roles()
                for code in [f"{role}:{permission}"]
            ],
        )
        for permission in sorted({code.partition(":")[2] for code in codes})
    ]


def _ticked(form: Mapping[str, Any]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {role: [] for role in opened_roles()}
    for code in vocabulary.known("opened"):
        if form.get(f"opened_{code}"):
            role, _, permission = code.partition(":")
            found[role].append(permission)
    return found


def _row(code: str, own: Mapping[str, Any] | None) -> KindRow:
    cells = [(f"kind_{code}_{name}", _text((own or {}).get(name)), name.replace("_", " ")) for name in OF_KIND]
    return KindRow(code, code.replace("_", " ").capitalize(), own is not None, cells)


def _kind(form: Mapping[str, Any], code: str) -> dict[str, Any]:
    return {"kind": code, **{name: form.get(f"kind_{code}_{name}") or None for name in OF_KIND}}


def _hours(text: str, weekday: int) -> Iterator[dict[str, Any]]:
    """`09:00-13:00, 14:00-18:00`; what is no time is left to the shape to refuse."""
    for part in text.replace("–", "-").split(","):
        if part.strip():
            opens, _dash, closes = part.partition("-")
            yield {"weekday": weekday, "opens": opens.strip(), "closes": closes.strip()}


def _text(value: Any) -> str:
    return "" if value is None else str(value)
