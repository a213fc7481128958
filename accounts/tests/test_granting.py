"""Who gives which role to whom, until when, and is its end felt at once? Also by people who try to give more than they have."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import signed_in
from accounts.membership import Member
from accounts.models import Membership, Session, User
from accounts.roles import MAY_GRANT, PLATFORM_ROLES, STAFF_ROLES, Role
from accounts.services import granting, people
from healthcare.core.models import EventRecord
from healthcare.core.tenancy import on_platform

pytestmark = pytest.mark.django_db


def later(hours=1):
    return (timezone.now() + dt.timedelta(hours=hours)).isoformat()


def grants_of(user_id):
    return sorted(Membership.objects.current().filter(user=user_id).values_list("role", flat=True))


@pytest.fixture
def boss(api):
    return api("clinic_admin")


@pytest.fixture
def nurse(member):
    return member("nurse").user_id


# -- giving --------------------------------------------------------------------------------------------------------------


def test_a_clinic_admin_gives_a_second_role_until_a_date_and_it_is_said_who_gave_it(boss, nurse):
    answer = boss.post(f"/users/{nurse}/grants", {"role": "receptionist", "expires_at": later()})
    assert answer.status_code == 201
    body = answer.json()
    assert (body["role"], body["granted_by"], body["ended_at"]) == ("receptionist", str(boss.member.user_id), None)
    assert grants_of(nurse) == ["nurse", "receptionist"]
    assert EventRecord.objects.filter(name="RoleGranted", payload__user_id=str(nurse), payload__role="receptionist").exists()


@pytest.mark.parametrize("role", sorted(PLATFORM_ROLES))
def test_a_clinic_admin_gives_no_role_of_the_platform(boss, nurse, role):
    answer = boss.post(f"/users/{nurse}/grants", {"role": role})
    assert (answer.status_code, answer.json()["code"]) == (403, "role_not_yours_to_give")
    assert grants_of(nurse) == ["nurse"]


def test_nobody_may_give_a_role_that_can_give_more_than_their_own():
    for own, given in MAY_GRANT.items():
        for role in given:
            assert MAY_GRANT.get(role, frozenset()) <= MAY_GRANT[own], (own, role)


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.SUPER_ADMIN, Role.CLINIC_ADMIN}))
def test_no_other_role_gives_any(api, nurse, role):
    answer = api(role).post(f"/users/{nurse}/grants", {"role": "doctor"})
    assert answer.status_code == 403
    assert grants_of(nurse) == ["nurse"]


def test_nobody_is_made_a_patient_by_appointment(boss, nurse):
    assert boss.post(f"/users/{nurse}/grants", {"role": "patient"}).status_code == 400


def test_a_super_admin_gives_roles_of_the_platform_to_anybody(api, nurse):
    chief = api("super_admin", clinic=None)
    assert chief.post(f"/users/{nurse}/grants", {"role": "support"}).status_code == 201
    assert grants_of(nurse) == ["nurse", "support"]


def test_a_role_that_is_held_is_not_given_twice_but_again_after_its_end(boss, nurse):
    given = boss.post(f"/users/{nurse}/grants", {"role": "doctor"}).json()
    again = boss.post(f"/users/{nurse}/grants", {"role": "doctor"})
    assert (again.status_code, again.json()["code"]) == (409, "role_held")
    assert boss.delete(f"/users/{nurse}/grants/{given['id']}").status_code == 204
    assert boss.post(f"/users/{nurse}/grants", {"role": "doctor"}).status_code == 201


def test_a_grant_that_ran_out_makes_room_for_a_new_one(boss, nurse, north):
    now = timezone.now()
    granting.give(
        user=User.objects.get(pk=nurse), role=Role.DOCTOR, clinic=north, by=None, now=now - dt.timedelta(days=2),
        expires_at=now - dt.timedelta(days=1),
    )  # fmt: skip
    assert grants_of(nurse) == ["nurse"]
    assert boss.post(f"/users/{nurse}/grants", {"role": "doctor"}).status_code == 201


def test_a_grant_does_not_end_in_the_past(boss, nurse):
    answer = boss.post(f"/users/{nurse}/grants", {"role": "doctor", "expires_at": later(-1)})
    assert (answer.status_code, answer.json()["code"]) == (409, "expiry_passed")


def test_a_role_that_the_clinics_domain_has_not_is_not_given(boss, nurse, north):
    north.domain = "fashion"
    with pytest.raises(granting.RoleNotHere):
        granting.may_be_given(role=Role.NURSE, clinic=north, by=boss.member, now=timezone.now(), expires_at=None)
    granting.may_be_given(role=Role.THERAPIST, clinic=north, by=boss.member, now=timezone.now(), expires_at=None)


def test_members_that_nobody_asked_for_change_nothing(boss, nurse):
    for extra in ({"clinic": "south"}, {"granted_by": str(nurse)}, {"user": str(nurse)}, {"id": str(nurse)}):
        assert boss.post(f"/users/{nurse}/grants", {"role": "doctor", **extra}).status_code == 400
    assert grants_of(nurse) == ["nurse"]


# -- other clinics ---------------------------------------------------------------------------------------------------------


def test_people_and_grants_of_another_clinic_are_out_of_sight(boss, member, south):
    theirs = member("nurse", clinic=south).user_id
    grant = Membership.objects.get(user=theirs)
    assert boss.get(f"/users/{theirs}").status_code == 404
    assert boss.post(f"/users/{theirs}/grants", {"role": "doctor"}).status_code == 404
    assert boss.delete(f"/users/{theirs}/grants/{grant.pk}").status_code == 404
    assert grants_of(theirs) == ["nurse"]


def test_of_a_person_of_two_clinics_each_sees_its_own_grants_alone(boss, nurse, south):
    people.grant(user=User.objects.get(pk=nurse), role=Role.DOCTOR, clinic=south)
    assert [grant["role"] for grant in boss.get(f"/users/{nurse}").json()["grants"]] == ["nurse"]
    elsewhere = Membership.objects.get(user=nurse, role="doctor")
    assert boss.delete(f"/users/{nurse}/grants/{elsewhere.pk}").status_code == 404
    assert grants_of(nurse) == ["doctor", "nurse"]


def test_an_admin_of_one_clinic_gives_nothing_in_another(api, boss, nurse):
    answer = api(member=boss.member, clinic="south").post(f"/users/{nurse}/grants", {"role": "doctor"})
    assert answer.status_code == 403
    assert grants_of(nurse) == ["nurse"]


# -- ending ----------------------------------------------------------------------------------------------------------------


def test_an_ended_grant_is_felt_by_the_token_that_was_given_before(boss, api):
    desk = api("receptionist")
    assert desk.get("/patients").status_code == 200
    grant = Membership.objects.get(user=desk.member.user_id)
    assert boss.delete(f"/users/{desk.member.user_id}/grants/{grant.pk}").status_code == 204
    assert desk.get("/patients").status_code == 404  # nobody in this clinic any more


def test_a_grant_that_runs_out_is_felt_without_anybody_ending_it(api, north):
    desk = api("receptionist")
    Membership.objects.filter(user=desk.member.user_id).update(expires_at=later(-1))
    signed_in.forget()
    assert desk.get("/patients").status_code == 404


def test_one_of_several_roles_ends_alone(boss, api, north):
    desk = api("receptionist")
    people.grant(user=User.objects.get(pk=desk.member.user_id), role=Role.AUDITOR, clinic=north)
    assert desk.get("/audit/events").status_code == 200
    grant = Membership.objects.get(user=desk.member.user_id, role="auditor")
    assert boss.delete(f"/users/{desk.member.user_id}/grants/{grant.pk}").status_code == 204
    assert (desk.get("/audit/events").status_code, desk.get("/patients").status_code) == (403, 200)


def test_the_last_clinic_admin_ends_neither_their_own_grant_nor_lets_it_run_out(boss, north):
    Membership.objects.filter(clinic=north, role="clinic_admin").exclude(user=boss.member.user_id).update(
        ended_at=timezone.now()
    )
    mine = Membership.objects.get(user=boss.member.user_id)
    path = f"/users/{boss.member.user_id}/grants/{mine.pk}"
    for answer in (boss.delete(path), boss.patch(path, {"expires_at": later()})):
        assert (answer.status_code, answer.json()["code"]) == (409, "last_admin")
    assert grants_of(boss.member.user_id) == ["clinic_admin"]


def test_one_of_two_clinic_admins_may_go(boss, member):
    member("clinic_admin")
    mine = Membership.objects.get(user=boss.member.user_id)
    assert boss.delete(f"/users/{boss.member.user_id}/grants/{mine.pk}").status_code == 204


def test_another_admin_whose_grant_runs_out_does_not_count(boss, member, north):
    Membership.objects.filter(clinic=north, role="clinic_admin").exclude(user=boss.member.user_id).update(
        ended_at=timezone.now()
    )
    other = member("clinic_admin").user_id
    Membership.objects.filter(user=other).update(expires_at=later())
    mine = Membership.objects.get(user=boss.member.user_id)
    assert boss.delete(f"/users/{boss.member.user_id}/grants/{mine.pk}").json()["code"] == "last_admin"


def test_a_grant_is_made_longer_and_shorter(boss, nurse):
    grant = Membership.objects.get(user=nurse)
    assert boss.patch(f"/users/{nurse}/grants/{grant.pk}", {"expires_at": later()}).json()["expires_at"] is not None
    assert boss.patch(f"/users/{nurse}/grants/{grant.pk}", {"expires_at": None}).json()["expires_at"] is None


def test_the_end_of_a_patient_is_nobodys_to_decide(boss, member):
    patient = member("patient").user_id
    grant = Membership.objects.get(user=patient)
    assert boss.delete(f"/users/{patient}/grants/{grant.pk}").json()["code"] == "role_not_yours_to_give"


def test_who_becomes_staff_is_signed_in_as_staff_is(api, north):
    patient = api("patient")
    people.grant(user=User.objects.get(pk=patient.member.user_id), role=Role.NURSE, clinic=north)
    session = Session.objects.get(user=patient.member.user_id)
    assert session.idle_until <= timezone.now() + dt.timedelta(minutes=30)
    assert session.expires_at <= timezone.now() + dt.timedelta(hours=12)


def test_ruling_roles_want_a_recent_proof_of_who_gives_them(boss, nurse):
    Session.objects.filter(user=boss.member.user_id).update(proven_at=timezone.now() - dt.timedelta(hours=1))
    signed_in.forget()
    answer = boss.post(f"/users/{nurse}/grants", {"role": "clinic_admin"})
    assert (answer.status_code, answer.json()["code"]) == (403, "step_up_required")
    assert boss.post(f"/users/{nurse}/grants", {"role": "doctor"}).status_code == 201


# -- disabling -------------------------------------------------------------------------------------------------------------


def test_a_disabled_person_is_out_at_once_and_back_when_enabled(api):
    chief, desk = api("system_admin", clinic=None), api("receptionist")
    path = f"/users/{desk.member.user_id}"
    assert chief.post(f"{path}/disable").json()["is_active"] is False
    assert desk.get("/patients").status_code == 401
    assert chief.post(f"{path}/enable").json()["is_active"] is True
    assert desk.get("/patients").status_code == 401  # the session has ended; they sign in anew


def test_a_disabled_person_is_given_nothing(boss, nurse):
    User.objects.filter(pk=nurse).update(is_active=False)
    assert boss.post(f"/users/{nurse}/grants", {"role": "doctor"}).json()["code"] == "person_disabled"


def test_nobody_disables_themself_or_somebody_above(api, member):
    chief, top = api("system_admin", clinic=None), member("super_admin")
    assert chief.post(f"/users/{chief.member.user_id}/disable").json()["code"] == "not_oneself"
    assert chief.post(f"/users/{top.user_id}/disable").json()["code"] == "role_not_yours_to_give"
    assert User.objects.get(pk=top.user_id).is_active


def test_a_clinic_admin_disables_nobody(boss, nurse):
    assert boss.post(f"/users/{nurse}/disable").status_code == 403


# -- seeing ----------------------------------------------------------------------------------------------------------------


def test_the_people_of_the_clinic_are_listed_with_what_they_hold(boss, nurse, member, south):
    stranger = member("nurse", clinic=south).user_id
    found = {row["id"]: row for row in boss.get("/users", {"role": "nurse"}).json()["results"]}
    assert str(nurse) in found and str(stranger) not in found
    assert [grant["called"] for grant in found[str(nurse)]["grants"]] == ["Nurse"]
    assert found[str(nurse)]["email"].endswith("@people.example")


def test_who_left_is_listed_when_asked_for(boss, nurse):
    Membership.objects.filter(user=nurse).update(ended_at=timezone.now())
    assert str(nurse) not in [row["id"] for row in boss.get("/users").json()["results"]]
    assert str(nurse) in [row["id"] for row in boss.get("/users", {"grants": "ended"}).json()["results"]]


def test_a_system_admin_sees_everybody_but_nobodys_contacts(api, nurse):
    chief = api("system_admin", clinic=None)
    row = chief.get(f"/users/{nurse}").json()
    assert (row["first_name"], "email" in row, "phone" in row) == ("Noor", False, False)


def test_one_finds_people_of_the_clinic_by_their_whole_email(boss, nurse, member, south):
    stranger = member("nurse", clinic=south).user_id
    with on_platform():
        mine, theirs = User.objects.get(pk=nurse).email, User.objects.get(pk=stranger).email
    assert [row["id"] for row in boss.post("/users/search", {"email": mine}).json()["results"]] == [str(nurse)]
    assert boss.post("/users/search", {"email": theirs}).json()["results"] == []


def test_a_list_of_people_costs_the_same_for_one_and_for_three(boss, member):
    def cost():
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert boss.get("/users").status_code == 200
        return len(queries)

    member("nurse")
    cost(), (before := cost())
    member("doctor"), member("nurse")
    cost()  # who is signed in was forgotten with the new grants
    assert cost() == before


def test_a_member_without_a_clinic_sees_all_and_one_of_a_clinic_its_people(nurse, north, south):
    of = lambda clinic, *roles: Member(nurse, clinic and clinic.id, frozenset(roles))  # noqa: E731
    assert User.objects.visible_to(of(north, Role.CLINIC_ADMIN), "user.list").filter(pk=nurse).exists()
    assert not User.objects.visible_to(of(south, Role.CLINIC_ADMIN), "user.list").filter(pk=nurse).exists()
    assert User.objects.visible_to(of(None, Role.SYSTEM_ADMIN), "user.list").filter(pk=nurse).exists()
    assert not User.objects.visible_to(of(None, Role.SUPPORT), "user.list").exists()


def test_staff_roles_are_all_that_can_be_given():
    assert MAY_GRANT[Role.SUPER_ADMIN] == STAFF_ROLES
