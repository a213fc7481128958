"""Does the code keep the house rules that a machine can check? Each exception is listed with its reason."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.urls import URLPattern, URLResolver, get_resolver

from accounts.roles import FIELDS, TABLE
from healthcare.core import job_queues, jobs
from healthcare.core.fields import sealed_fields
from healthcare.core.needs import OPEN, SIGNED_IN
from healthcare.core.tenancy import ClinicRow
from healthcare.core.views import ClinicViewSet, PlatformViewSet

ROOT = Path(__file__).resolve().parents[2]
OURS = ("healthcare", "clinics", "accounts", "patients", "appointments", "notifications", "monitoring")
LONG_FILES: dict[str, str] = {}  # path -> why it may pass 300 lines
# modules whose views are no view sets of ours -> why
OTHER_VIEWS = {
    "drf_spectacular.views": "the schema and its reader",
    "django.views.generic.base": "redirects",
    "accounts.link_pages": "empty pages of links: their secret never reaches us with the address",
    "healthcare.home": "the start page: no data",
    "monitoring.dashboard": "a page for people signed in to the admin; asks the role table itself",
    "monitoring.scrape": "plain text for Prometheus",
    "notifications.outer_views": "a page behind a link in a message, and providers' reports: each proves itself by a signature",
    "appointments.queue.waits.pages": "behind a link that proves itself: what a wall shows of one number, and how long yet",
    "appointments.queue.screens": "an empty page; its data come by the display's own credential",
}


def sources() -> Iterator[Path]:
    for package in OURS:
        yield from (p for p in (ROOT / package).rglob("*.py") if "/migrations/" not in str(p))


def patterns(resolver: URLResolver | None = None) -> Iterator[URLPattern]:
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLResolver):
            if pattern.app_name != "admin":
                yield from patterns(pattern)
        else:
            yield pattern


def viewsets() -> Iterator[tuple[str, type[PlatformViewSet], dict[str, str]]]:
    for pattern in patterns():
        cls = getattr(pattern.callback, "cls", None)
        if cls is not None and issubclass(cls, PlatformViewSet):
            yield str(pattern.pattern), cls, getattr(pattern.callback, "actions", {})


def test_every_module_says_first_which_question_it_answers():
    silent = [
        str(p.relative_to(ROOT)) for p in sources() if p.stat().st_size and not ast.get_docstring(ast.parse(p.read_text()))
    ]
    assert [s for s in silent if not s.endswith(("apps.py", "__init__.py"))] == []


def test_no_file_is_longer_than_three_hundred_lines():
    long = {str(p.relative_to(ROOT)) for p in sources() if "/tests/" not in str(p) and len(p.read_text().splitlines()) > 300}
    assert long == set(LONG_FILES)


def test_nothing_is_called_utils_helpers_or_common():
    assert [p.name for p in sources() if p.stem in ("utils", "helpers", "common", "misc")] == []


def test_a_reason_names_its_instants_and_leaves_their_writing_to_one_place():
    """`Reason(code, "… {from_at}", instants, now)`: people read a wall clock, programs get the instant."""
    writing = {"isoformat", "strftime", "date_format", "localtime"}
    written = [
        f"{path.relative_to(ROOT)}:{call.lineno}"
        for path in sources()
        for call in ast.walk(ast.parse(path.read_text()))
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "Reason"
        for part in ast.walk(call)
        if isinstance(part, ast.Attribute | ast.Name) and (part.attr if isinstance(part, ast.Attribute) else part.id) in writing
    ]
    assert written == []


def test_every_action_of_every_route_names_a_permission_of_the_table():
    nameless = [
        (route, action)
        for route, cls, actions in viewsets()
        for action in actions.values()
        if cls.needs.get(action) not in {OPEN, SIGNED_IN, *TABLE}
    ]
    assert nameless == []


def test_every_permission_of_the_table_is_asked_for_somewhere():
    asked = "".join(p.read_text() for p in sources() if "/tests/" not in str(p) and p.name != "roles.py")
    assert [shape for shape in FIELDS if f'"{shape}"' not in asked] == []
    by_fields = {permission for fields in FIELDS.values() for permission in fields.values()}
    assert [permission for permission in TABLE if f'"{permission}"' not in asked and permission not in by_fields] == []


def test_every_route_is_served_by_a_view_set_of_ours_or_is_listed():
    others = {
        (getattr(p.callback, "cls", None) or getattr(p.callback, "view_class", None) or p.callback).__module__
        for p in patterns()
        if not issubclass(getattr(p.callback, "cls", object), PlatformViewSet)
    }
    assert others == set(OTHER_VIEWS)


def test_clinic_data_is_served_by_clinic_view_sets_only():
    clinic_models = {m for c in apps.get_app_configs() if c.name in settings.TENANT_APPS for m in c.get_models()}
    wrong = [
        cls.__name__
        for _, cls, _ in viewsets()
        if getattr(cls, "queryset", None) is not None
        and cls.queryset.model in clinic_models
        and not issubclass(cls, ClinicViewSet)
    ]
    assert wrong == []


def test_every_table_of_a_clinic_is_a_clinic_row():
    strays = [
        m._meta.label
        for c in apps.get_app_configs()
        if c.name in settings.TENANT_APPS
        for m in c.get_models()
        if not issubclass(m, ClinicRow)
    ]
    assert [s for s in strays if s != "trail.ClinicAuditEntry"] == []  # written by its own manager, which checks the place


def test_no_app_is_both_shared_and_a_clinics():
    assert set(settings.SHARED_APPS) & set(settings.TENANT_APPS) == set()


def test_foreign_keys_from_a_clinics_schema_to_public_name_people_only():
    public = {m for c in apps.get_app_configs() if c.name in settings.SHARED_APPS for m in c.get_models()}
    reached = {
        f.related_model._meta.label
        for c in apps.get_app_configs()
        if c.name in settings.TENANT_APPS
        for m in c.get_models()
        for f in m._meta.get_fields()
        if f.is_relation and f.concrete and f.related_model in public
    }
    assert reached <= {"accounts.User"}


def test_every_model_with_sealed_columns_says_whose_key_it_uses():
    assert [m._meta.label for m in apps.get_models() if sealed_fields(m) and not hasattr(m, "seal_scope")] == []


def test_labels_of_sealed_columns_are_unique():
    labels = [f.label for m in apps.get_models() for f in sealed_fields(m)]
    assert len(labels) == len(set(labels))


def test_there_are_nineteen_job_queues_and_every_job_uses_one():
    assert len(job_queues.names()) == len(set(job_queues.names())) == 19
    assert {w.queue for w in jobs.registered().values()} <= set(job_queues.names())


@pytest.mark.parametrize("word", [r"\bset_tenant\b", r"\btenant_context\b", r"\bschema_context\b"])
def test_only_the_tenancy_and_database_modules_speak_of_tenants(word):
    allowed = {"healthcare/core/tenancy.py", "healthcare/core/postgresql/base.py"}
    found = {str(p.relative_to(ROOT)) for p in sources() if "/tests/" not in str(p) and re.search(word, p.read_text())}
    assert found <= allowed


def test_imports_point_one_way():
    found = subprocess.run([Path(sys.executable).with_name("lint-imports")], cwd=ROOT, capture_output=True, text=True)
    assert found.returncode == 0, found.stdout[-3000:]


# large, and for few requests: loaded when one of them comes (the record on paper, a gateway), or never in a server
NOT_AT_THE_START = {"fpdf", "fontTools", "stripe", "httpx", "healthcare.probe.operations", "healthcare.demo.seeding", "pytest"}
STARTS = """
import sys, healthcare.celery, django
django.setup()
import healthcare.urls, healthcare.sockets
print(*sorted(sys.modules))
"""


def test_a_process_that_starts_loads_nothing_that_only_few_requests_need():
    loaded = subprocess.run([sys.executable, "-c", STARTS], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    assert "healthcare.urls" in loaded
    assert not NOT_AT_THE_START & set(loaded)
