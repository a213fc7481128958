"""Is what is explained what happens, and who may ask about whom?"""

import datetime as dt
import itertools

import pytest
from django.utils import timezone

from accounts.models import Membership, User
from accounts.roles import TABLE, Role
from accounts.services import people
from healthcare.core.context import acting
from healthcare.core.tenancy import on_platform
from healthcare.tests import make
from patients.glass.services import open_chart
from patients.models import Patient

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer(api):
    return api("compliance_officer")


def why(client, user, action, **more):
    answer = client.get("/authz/explain", {"user": str(user), "action": action, **more})
    assert answer.status_code == 200, answer.json()
    return answer.json()


def codes(found):
    return [reason["code"] for reason in found["reasons"]]


def test_it_names_the_role_the_grant_who_gave_it_and_until_when(officer, member, north):
    boss, desk = member("clinic_admin"), member("receptionist")
    until = timezone.now() + dt.timedelta(days=3)
    Membership.objects.filter(user=desk.user_id).update(granted_by=boss.user_id, expires_at=until)
    found = why(officer, desk.user_id, "patient.view")
    (reason,) = found["reasons"]
    assert (found["allowed"], reason["code"], reason["known"]["role"]) == (True, "role_allows", "receptionist")
    assert (reason["known"]["granted_by"], reason["known"]["reach"]) == (str(boss.user_id), "all")
    assert dt.datetime.fromisoformat(reason["known"]["until"]) == until


def test_what_ran_out_or_was_ended_is_said(officer, member, north):
    nurse = member("nurse")
    person = User.objects.get(pk=nurse.user_id)
    people.grant(user=person, role=Role.DOCTOR, clinic=north)
    Membership.objects.filter(user=person, role="nurse").update(ended_at=timezone.now())
    Membership.objects.filter(user=person, role="doctor").update(expires_at=timezone.now() - dt.timedelta(hours=1))
    found = why(officer, person.pk, "patient.view")
    assert (found["allowed"], sorted(codes(found))) == (False, ["grant_ended", "grant_expired", "not_a_member"])


def test_a_role_without_the_permission_and_a_disabled_account_are_refused(officer, member):
    auditor = member("auditor")
    assert codes(why(officer, auditor.user_id, "patient.view")) == ["no_role_allows", "role_lacks"]
    User.objects.filter(pk=auditor.user_id).update(is_active=False)
    assert "account_disabled" in codes(why(officer, auditor.user_id, "audit.view"))


def test_somebody_of_another_clinic_and_nobody_at_all_are_answered_alike(officer, member, south):
    theirs, nobody = member("nurse", clinic=south).user_id, make.person().pk
    found = [why(officer, user, "patient.view") for user in (theirs, nobody, Membership().id)]
    assert found[0] == found[1] == found[2]
    assert codes(found[0]) == ["not_a_member"]


def test_of_a_chart_it_says_whose_it_is(officer, api, in_north):
    with on_platform():
        doctor_user = make.person()
        people.grant(user=doctor_user, role=Role.DOCTOR, clinic=in_north)
    chart = make.patient()
    target = f"patient:{chart.pk}"
    assert codes(why(officer, doctor_user.pk, "patient.view", object=target))[0] == "not_ones_own"
    by = make.Member(doctor_user.pk, in_north.id, frozenset({Role.DOCTOR}))
    open_chart(patient=chart, reason="No relative reached.", by=by, now=timezone.now())
    found = why(officer, doctor_user.pk, "patient.view", object=target)
    assert (found["allowed"], codes(found)[0]) == (True, "break_glass")
    assert acting().purpose == ""


def test_an_object_that_is_not_here_is_said(officer, member):
    nurse = member("nurse").user_id
    assert codes(why(officer, nurse, "patient.view", object=f"patient:{nurse}"))[0] == "object_not_here"


@pytest.mark.parametrize("query", [{"action": "patient.eat"}, {"action": "patient.view", "object": "cat:1"}, {}])
def test_what_there_is_not_is_not_explained(officer, query):
    assert officer.get("/authz/explain", query).status_code == 400


def test_everybody_asks_about_themself_and_few_about_others(api, member):
    nurse, other = api("nurse"), member("doctor").user_id
    assert nurse.get("/authz/explain", {"action": "patient.view"}).json()["allowed"] is True
    assert nurse.get("/authz/explain", {"action": "patient.view", "user": str(other)}).status_code == 404
    for role in ("clinic_admin", "compliance_officer"):
        assert api(role).get("/authz/explain", {"action": "patient.view", "user": str(other)}).status_code == 200


def test_what_is_explained_is_what_the_queryset_answers(officer, in_north):
    """Each role against its own, another's and no chart; each permission that a chart is read by."""
    with on_platform():
        own = make.person(clinic=in_north)
    charts = [Patient.objects.get(user=own.pk), make.patient()]
    from accounts.explaining import explain

    for role in (Role.NURSE, Role.DOCTOR, Role.RECEPTIONIST, Role.AUDITOR, Role.PATIENT):
        with on_platform():
            who = own if role == Role.PATIENT else make.person()
            if role != Role.PATIENT:
                people.grant(user=who, role=role, clinic=in_north)
        for chart, action in itertools.product(charts, ("patient.view", "patient.enter", "patient.read_contact")):
            member = make.Member(who.pk, in_north.id, frozenset({role}))
            seen = Patient.objects.visible_to(member, action).filter(pk=chart.pk).exists()
            found = explain(user_id=who.pk, clinic=in_north, action=action, kind="patient", object_id=chart.pk)
            assert (role, action, found.allowed) == (role, action, seen)
    assert "authz.explain" in TABLE
