"""Is every cell of the role table upheld? Each operation of the schema, each field and each row, asked as each role.

What is right is said by two tables that people wrote apart: `accounts/roles.py`, and the operation's row in
`healthcare/probe/operations.py`. What is measured is the product's own way in: the view's dispatch, its questions in their
order, up to the action itself, which is replaced.
"""

import re
import uuid
from collections import Counter
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.urls import resolve
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory, force_authenticate

from accounts.authentication import Caller
from accounts.fields import hidden_fields
from accounts.membership import Member
from accounts.roles import ABOUT, FIELDS, PLATFORM_ROLES, TABLE, Reach, Role, reach
from accounts.roles_page import SHORT, page
from accounts.signed_in import SignedIn
from appointments.models import Appointment
from appointments.services.booking import book
from healthcare.core.ids import new_id
from healthcare.core.needs import OPEN, SIGNED_IN
from healthcare.probe import schema
from healthcare.probe.operations import Place
from healthcare.tests import make
from patients.models import Patient

pytestmark = pytest.mark.django_db
REACHED = 299  # the view let the caller through to its action
ROOT = Path(__file__).resolve().parents[2]
CLINICAL = re.compile(r"^(patient|appointment|queue|visit|chart|document|insurance|consent|allerg|condition|note)")


def signed_in(role, clinic):
    user_id = new_id()
    where = None if role in PLATFORM_ROLES else clinic.id
    return Caller(user_id), SignedIn(user_id, new_id(), ((where, role),))


def operations():
    described, doubts = schema.read()
    assert doubts == []
    return described


@pytest.fixture
def ask(north, monkeypatch):
    """`ask(operation, role)`: the status with which the way in ends; REACHED where it leads to the action."""
    monkeypatch.setattr("healthcare.core.throttles.hit", lambda limit, subject: None)  # limits are another question
    for place in ("in_clinic", "on_platform"):  # nor are rows read: the action is replaced
        monkeypatch.setattr(f"healthcare.core.views.{place}", lambda *clinic: nullcontext())
    monkeypatch.setattr("healthcare.core.views.find_clinic", lambda name: north)
    factory, let_through = APIRequestFactory(), lambda self, request, *args, **kwargs: Response(status=REACHED)

    def asking(one, role):
        ids = re.sub(r"\{(?!clinic_id)\w+\}", str(uuid.uuid4()), one.path)
        match = resolve(ids.replace("{clinic_id}", "north"))
        action = match.func.actions[one.method.lower()]
        monkeypatch.setattr(match.func.cls, action, let_through)
        request = factory.generic(one.method, one.path, HTTP_X_CLINIC_ID="north")
        if role is not None:
            user, token = signed_in(role, north)
            force_authenticate(request, user, token)
        return match.func(request, **match.kwargs).status_code

    return asking


def right(one, role):
    if one.op.need in (OPEN, SIGNED_IN):
        return REACHED
    return 403 if reach(one.op.need, frozenset({role})) is None else REACHED


def test_every_role_is_let_through_to_an_operation_or_refused_as_the_table_says(ask):
    found = [one for one in operations() if one.op.place != Place.SCREEN]  # a screen has no role
    wrong, statuses = [], Counter()
    for one in found:
        for role in Role:
            status = ask(one, role)
            statuses[status] += 1
            if status != right(one, role):
                wrong.append(f"{one.key} as {role}: {status}, not {right(one, role)}")
    assert wrong == []
    assert sum(statuses.values()) == len(found) * 17
    assert set(statuses) == {REACHED, 403}


def test_nobody_is_let_through_where_somebody_is_asked_for(ask):
    found = [one for one in operations() if one.op.place != Place.SCREEN]
    assert {one.key: ask(one, None) for one in found} == {one.key: REACHED if one.op.need == OPEN else 401 for one in found}


def test_every_field_is_shown_or_hidden_as_the_table_says():
    wrong = []
    for shape, fields in FIELDS.items():
        for name, permission in fields.items():
            for role in Role:
                member = Member(new_id(), new_id(), frozenset({role}))
                for is_own in (True, False):
                    row = SimpleNamespace(is_own_of=lambda member, is_own=is_own: is_own)
                    far = reach(permission, frozenset({role}))
                    shown = far == Reach.ALL or (far == Reach.OWN and is_own)
                    if (name not in hidden_fields(shape, member, row)) != shown:
                        wrong.append((shape, name, role, is_own))
    assert wrong == []
    assert hidden_fields("appointment", None, SimpleNamespace()) == {"patient", "reason", "cancel_reason"}


def test_fields_and_rows_ask_for_permissions_of_the_table():
    assert {permission for fields in FIELDS.values() for permission in fields.values()} <= set(TABLE)


@pytest.mark.parametrize("permission", ["patient.view", "patient.enter", "appointment.view", "appointment.change"])
def test_every_role_finds_all_its_own_or_no_rows_as_the_table_says(in_north, permission):
    model = Patient if permission.startswith("patient") else Appointment
    user, doctor = make.person(clinic=in_north), make.person()
    chart = Patient.objects.get(user=user.id)
    card, other_card = make.practitioner(user=doctor), make.practitioner()
    _book(chart, card, 1), _book(make.patient(), other_card, 2)
    every = model.objects.count()
    for role in Role:
        own = user.id if role == Role.PATIENT else doctor.id
        found = model.objects.visible_to(Member(own, in_north.id, frozenset({role})), permission).count()
        stranger = model.objects.visible_to(Member(new_id(), in_north.id, frozenset({role})), permission).count()
        far = reach(permission, frozenset({role}))
        assert (role, found, stranger) == (role, *{Reach.ALL: (every, every), Reach.OWN: (1, 0), None: (0, 0)}[far])


def _book(chart, card, days):
    from datetime import timedelta

    from django.utils import timezone

    now = timezone.now()
    at = (now + timedelta(days=days)).replace(hour=9, minute=0, second=0, microsecond=0)
    return book(kind="consultation", patient=chart, practitioner=card, starts_at=at, by=None, now=now)


# -- least privilege, as the product promises it -------------------------------------------------------------------------


def may(role):
    return {permission for permission in TABLE if reach(permission, frozenset({role})) is not None}


@pytest.mark.parametrize("role", [Role.SUPER_ADMIN, Role.SYSTEM_ADMIN, Role.SUPPORT, Role.AUDITOR, Role.COMPLIANCE_OFFICER])
def test_who_runs_supports_or_audits_reads_nothing_of_charts_or_appointments(role):
    assert sorted(p for p in may(role) if CLINICAL.match(p)) == []


def test_an_analyst_may_nothing_that_names_a_person():
    named = re.compile(CLINICAL.pattern + r"|^(user|audit)\.")
    assert sorted(p for p in may(Role.DATA_ANALYST) if named.match(p)) == []


def test_support_sees_which_clinics_there_are_and_what_everybody_sees():
    everybody = {p for p, (everything, own) in TABLE.items() if set(everything) | set(own) == set(Role)}
    assert {p for p in may(Role.SUPPORT) if p.partition(".")[0] == "user"} == set()
    assert "clinic.list" in may(Role.SUPPORT) and everybody <= may(Role.SUPPORT)


def test_the_desk_reads_nothing_clinical():
    assert reach("appointment.read_reason", frozenset({Role.RECEPTIONIST})) is None


@pytest.mark.parametrize("role", [Role.DOCTOR, Role.THERAPIST, Role.PHARMACIST, Role.LAB_TECHNICIAN, Role.RADIOLOGIST])
def test_those_who_treat_see_their_own_patients_only(role):
    assert reach("patient.view", frozenset({role})) == Reach.OWN


def test_a_patient_may_nothing_for_all_but_what_everybody_may():
    for_all = {p for p, (everything, _) in TABLE.items() if Role.PATIENT in everything}
    assert {p for p in for_all if set(TABLE[p][0]) != set(Role)} == set()


def test_several_roles_reach_as_far_as_the_farthest():
    assert reach("patient.view", frozenset({Role.AUDITOR, Role.DOCTOR})) == Reach.OWN
    assert reach("patient.view", frozenset({Role.NURSE, Role.DOCTOR})) == Reach.ALL


# -- the page ------------------------------------------------------------------------------------------------------------


def test_the_page_of_roles_is_what_the_code_says():
    assert (ROOT / "docs" / "roles.md").read_text() == page(), "run: manage.py roles_page > docs/roles.md"


def test_every_role_is_described_and_has_a_column():
    assert set(ABOUT) == set(SHORT) == set(Role)
    assert len(Role) == 17
