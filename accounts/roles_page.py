"""How does the role table read as a page? `docs/roles.md`, made from the code; a test compares."""

from collections.abc import Iterator

from accounts.roles import ABOUT, FIELDS, MAY_BE_OPENED, TABLE, Reach, Role, reach

# columns of the grid
SHORT: dict[Role, str] = {
    Role.SUPER_ADMIN: "super",
    Role.SYSTEM_ADMIN: "system",
    Role.CLINIC_ADMIN: "clinic",
    Role.SUPPORT: "support",
    Role.DOCTOR: "doctor",
    Role.NURSE: "nurse",
    Role.THERAPIST: "therap.",
    Role.PHARMACIST: "pharm.",
    Role.LAB_TECHNICIAN: "lab",
    Role.RADIOLOGIST: "radiol.",
    Role.RECEPTIONIST: "recept.",
    Role.MEDICAL_ASSISTANT: "assist.",
    Role.BILLING_SPECIALIST: "billing",
    Role.AUDITOR: "auditor",
    Role.COMPLIANCE_OFFICER: "compl.",
    Role.DATA_ANALYST: "analyst",
    Role.PATIENT: "patient",
}
CELLS = {Reach.ALL: "all", Reach.OWN: "own", None: ""}
HEAD = """# Roles

Made from `accounts/roles.py` by `manage.py roles_page > docs/roles.md`; a test compares the two.

**all**: everything of the clinic (or of the installation) · **own**: what the person takes part in: a patient their own, who
treats the patients they treat · empty: refused with 403, its rows and fields not shown. A person may hold several roles, in
several clinics, each until a date; they may what any of their roles here may. Platform roles (super_admin, system_admin,
support) are held in every clinic.
"""


def page() -> str:
    parts = (("Permissions", _grid()), ("What a clinic may open", _opened()), ("Fields", _fields()))
    titled = (line for title, rows in parts for line in (f"## {title}", "", *rows, ""))
    return "\n".join([HEAD, *_roles(), "", *titled])


def _roles() -> Iterator[str]:
    yield "| role | is for |\n|---|---|"
    yield from (f"| {role.value} | {ABOUT[role]} |" for role in Role)


def _grid() -> Iterator[str]:
    yield f"| permission | {' | '.join(SHORT[role] for role in Role)} |"
    yield f"|---|{'---|' * len(Role)}"
    for permission in TABLE:
        cells = [CELLS[reach(permission, frozenset({role}))] for role in Role]
        yield f"| `{permission}` | {' | '.join(cells)} |"


def _opened() -> Iterator[str]:
    yield "What a role has for its own, a clinic may open to it for all its patients: `access.opened` of the clinic's settings"
    yield "(`PATCH /clinics/{id}/settings`, by `clinic.manage`). Nothing is opened until it says so; nothing else can be."
    yield "\n| permission | may be opened to |\n|---|---|"
    for permission, roles in MAY_BE_OPENED.items():
        yield f"| `{permission}` | {', '.join(roles)} |"


def _fields() -> Iterator[str]:
    yield "These fields of an answer are left out for those to whom the permission beside them says no."
    yield "\n| answer | field | permission |\n|---|---|---|"
    for shape, fields in FIELDS.items():
        yield from (f"| {shape} | {name} | `{permission}` |" for name, permission in fields.items())
