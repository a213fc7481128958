"""Does an invitation bring exactly the person it was sent to, once, in the role that its giver may still give?"""

import datetime as dt
import re

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts import signed_in
from accounts.models import Invitation, Membership, User
from accounts.roles import Role
from accounts.services import inviting
from healthcare.core import jobs
from healthcare.core.models import EventRecord, Job
from healthcare.core.tenancy import on_platform
from healthcare.tests import make
from healthcare.tests.client import client

pytestmark = pytest.mark.django_db
NEW = {"password": "a-long-enough-word", "first_name": "Ada"}


@pytest.fixture
def boss(api):
    return api("clinic_admin")


def invited(boss, **asked):
    answer = boss.post("/auth/invitations", {"role": "nurse", "email": "ada@hired.example", **asked})
    assert answer.status_code == 201, answer.json()
    return Invitation.objects.get(pk=answer.json()["id"])


def accept(api, row, **given):
    return api(clinic=None).post("/auth/invitations/accept", {"token": inviting.token_of(row), **given})


def test_the_whole_way_from_an_invitation_to_work(boss, api, north):
    row = invited(boss, grant_expires_at=(timezone.now() + dt.timedelta(days=90)).isoformat())
    job = Job.objects.get(name="invitation.send")
    jobs.run(job.id)
    (message,) = mail.outbox
    assert message.to == ["ada@hired.example"] and "North Clinic" in message.subject and "Nurse" in message.body
    token = re.search(r"/invitation#([0-9a-f]{64})", message.body)[1]
    answer = api(clinic=None).post("/auth/invitations/accept", {"token": token, **NEW})
    assert (answer.status_code, answer.json()["role"]) == (201, "nurse")
    grant = Membership.objects.get(user=answer.json()["user"])
    assert (grant.granted_by_id, grant.clinic_id, grant.expires_at) == (boss.member.user_id, north.id, row.grant_expires_at)
    signed = api(clinic=None).post("/auth/login", {"identifier": "ada@hired.example", "password": NEW["password"]})
    assert signed.status_code == 200
    (shown,) = boss.get("/auth/invitations").json()["results"]
    assert (shown["state"], shown["accepted_by"]) == ("accepted", answer.json()["user"])


def test_the_link_is_nowhere_but_in_the_message(boss, caplog):
    row = invited(boss)
    token = inviting.token_of(row)
    jobs.run(Job.objects.get(name="invitation.send").id)
    kept = [str(list(model.objects.values())) for model in (Job, EventRecord, Invitation)]
    assert [token in text for text in (*kept, caplog.text, boss.get("/auth/invitations").content.decode())] == [False] * 5
    assert "hired.example" not in kept[0] + kept[1] + caplog.text


def test_it_is_used_once(boss, api):
    row = invited(boss)
    assert accept(api, row, **NEW).status_code == 201
    again = accept(api, row, **NEW)
    assert (again.status_code, again.json()["code"]) == (401, "bad_invitation")


@pytest.mark.parametrize("how", ["expired", "revoked", "overtaken", "garbage"])
def test_what_is_not_open_any_more_lets_nobody_in(boss, api, how):
    row = invited(boss)
    if how == "expired":
        Invitation.objects.filter(pk=row.pk).update(expires_at=timezone.now())
    if how == "revoked":
        assert boss.delete(f"/auth/invitations/{row.pk}").status_code == 204
    if how == "overtaken":
        invited(boss)
    token = "0" * 64 if how == "garbage" else inviting.token_of(row)
    answer = api(clinic=None).post("/auth/invitations/accept", {"token": token, **NEW})
    assert (answer.status_code, answer.json()["code"]) == (401, "bad_invitation")
    assert not User.objects.with_identifier("ada@hired.example").exists()


def test_somebody_with_an_account_signs_in_first_and_then_accepts(boss, api, north):
    known = make.person(email="ada@hired.example")
    row = invited(boss)
    assert accept(api, row, **NEW).json()["code"] == "sign_in_first"
    me = client(make.Member(known.id, north.id, frozenset()), None)
    answer = me.post("/auth/invitations/accept", {"token": inviting.token_of(row)})
    assert (answer.status_code, answer.json()["user"]) == (201, str(known.id))


def test_an_invitation_is_of_no_use_to_somebody_else(boss, api, north):
    row = invited(boss)
    thief = client(make.Member(make.person().id, north.id, frozenset()), None)
    answer = thief.post("/auth/invitations/accept", {"token": inviting.token_of(row)})
    assert (answer.status_code, answer.json()["code"]) == (409, "invited_another")
    assert accept(api, row, **NEW).status_code == 201  # it was not used up


def test_it_ends_with_the_right_of_whoever_invited(boss, api):
    row = invited(boss)
    Membership.objects.filter(user=boss.member.user_id).update(ended_at=timezone.now())
    answer = accept(api, row, **NEW)
    assert (answer.status_code, answer.json()["code"]) == (409, "invitation_void")
    assert not User.objects.with_identifier("ada@hired.example").exists()


@pytest.mark.parametrize("role", ["super_admin", "system_admin", "support"])
def test_a_clinic_admin_invites_nobody_to_rule_the_platform(boss, role):
    answer = boss.post("/auth/invitations", {"role": role, "email": "ada@hired.example"})
    assert (answer.status_code, answer.json()["code"]) == (403, "role_not_yours_to_give")


@pytest.mark.parametrize("role", ["patient", "doctor", "receptionist", "auditor", "support"])
def test_who_gives_no_roles_invites_nobody(api, role):
    answer = api(role).post("/auth/invitations", {"role": "nurse", "email": "ada@hired.example"})
    assert answer.status_code == 403
    assert not Invitation.objects.exists()


def test_a_patient_is_not_invited_but_joins(boss):
    assert boss.post("/auth/invitations", {"role": "patient", "email": "ada@hired.example"}).status_code == 400


def test_a_super_admin_invites_to_the_platform(api):
    chief = api("super_admin", clinic=None)
    answer = chief.post("/auth/invitations", {"role": "support", "email": "ada@hired.example"})
    assert (answer.status_code, answer.json()["clinic"]) == (201, None)


def test_invitations_of_another_clinic_are_out_of_sight(boss, api, south):
    row = invited(boss)
    other = api("clinic_admin", clinic="south")
    assert other.get("/auth/invitations").json()["results"] == []
    assert other.delete(f"/auth/invitations/{row.pk}").status_code == 404
    assert Invitation.objects.get(pk=row.pk).state == "pending"


def test_staff_chooses_a_password_of_the_length_that_staff_needs(boss, api):
    row = invited(boss)
    assert accept(api, row, first_name="Ada").json()["code"] == "password_required"
    assert accept(api, row, first_name="Ada", password="ten-chars-").json()["code"] == "weak_password"
    assert accept(api, row, **NEW).status_code == 201


def test_a_newcomer_picks_neither_role_nor_clinic(boss, api):
    row = invited(boss)
    for extra in ({"role": "clinic_admin"}, {"clinic": "south"}, {"email": "eve@hired.example"}):
        assert accept(api, row, **NEW, **extra).status_code == 400


def test_a_provider_that_refuses_the_address_is_said_to_who_invited(boss, monkeypatch):
    from healthcare.core import delivery

    def refuse(channel, message):
        raise delivery.Undeliverable("address_invalid")

    monkeypatch.setattr(delivery, "send", refuse)
    invited(boss)
    jobs.run(Job.objects.get(name="invitation.send").id)
    assert boss.get("/auth/invitations").json()["results"][0]["send_failed"] == "address_invalid"


def test_the_list_is_narrowed_by_state(boss, api):
    first, second = invited(boss), invited(boss, role="doctor")
    boss.delete(f"/auth/invitations/{first.pk}")
    shown = {
        s: [r["id"] for r in boss.get("/auth/invitations", {"state": s}).json()["results"]] for s in ("pending", "revoked")
    }
    assert shown == {"pending": [str(second.pk)], "revoked": [str(first.pk)]}


def test_the_operator_invites_by_command(north, capsys, api):
    call_command("staff_invite", clinic="north", role="doctor", email="ada@hired.example", link=True)
    said = capsys.readouterr().out
    token = re.search(r"/invitation#([0-9a-f]{64})", said)[1]
    assert api(clinic=None).post("/auth/invitations/accept", {"token": token, **NEW}).json()["role"] == "doctor"


@pytest.mark.parametrize(
    "given",
    [
        {"clinic": "nowhere", "role": "doctor", "email": "ada@hired.example"},
        {"role": "doctor", "email": "ada@hired.example"},
        {"clinic": "north", "role": "support", "email": "ada@hired.example"},
        {"clinic": "north", "role": "doctor", "email": "nonsense"},
        {"clinic": "north", "role": "doctor", "phone": "12"},
        {"clinic": "north", "role": "doctor", "email": "ada@hired.example", "days": 400},
    ],
)
def test_a_command_that_makes_no_sense_invites_nobody(north, given):
    with pytest.raises(CommandError):
        call_command("staff_invite", **given)
    assert not Invitation.objects.exists()


def test_the_page_of_a_link_loads_nothing_from_elsewhere(api):
    page = api(clinic=None).get("/invitation")
    assert page.status_code == 200
    assert "default-src 'none'" in page["Content-Security-Policy"]
    assert page["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize("constraint", ["invitation_of_staff", "invitation_role_of_its_place", "invitation_ends_once"])
def test_the_table_keeps_its_truths(north, constraint):
    from django.db import IntegrityError, transaction

    now = timezone.now()
    wrong = {
        "invitation_of_staff": {"role": "patient"},
        "invitation_role_of_its_place": {"role": "super_admin"},
        "invitation_ends_once": {"accepted_at": now, "accepted_by": make.person(), "revoked_at": now},
    }[constraint]
    known = {"clinic": north, "role": "nurse", "kind": "email", "contact": "ada@hired.example", "salt": b"1", "expires_at": now}
    with on_platform():
        Invitation(**known, digest=b"1").save(force_insert=True)
        with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
            Invitation(**{**known, "contact": "eve@hired.example", "digest": b"2", **wrong}).save(force_insert=True)


def test_roles_of_says_what_a_person_holds_now(boss, north):
    from accounts.services.granting import roles_of

    assert roles_of(boss.member.user_id, north) == {Role.CLINIC_ADMIN}
    User.objects.filter(pk=boss.member.user_id).update(is_active=False)
    signed_in.forget()
    assert roles_of(boss.member.user_id, north) == frozenset()
