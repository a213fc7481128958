"""Can who may end grants, take back invitations and close reviews do it in the admin, and nobody else, each by the table?"""

import datetime as dt

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from psycopg.types.range import TimestamptzRange

from accounts.models import Invitation, Membership, Session, User
from accounts.roles import Role, reach
from accounts.services.inviting import invite
from healthcare.core.tenancy import in_clinic, on_platform
from healthcare.tests import make
from patients.glass.models import Opening
from patients.glass.services import open_chart

pytestmark = pytest.mark.django_db
GRANTS, INVITATIONS = "/admin/accounts/membership/", "/admin/accounts/invitation/"
OPENINGS = "/admin/glass/opening/"


@pytest.fixture
def browser(member):
    def signed_in(role, clinic=None):
        client = Client()
        client.member = member(role, clinic=clinic)
        with on_platform():
            client.force_login(User.objects.get(pk=client.member.user_id), backend="accounts.authentication.AdminLogin")
        return client

    return signed_in


def chosen(client, url, action, *rows):
    """What the page says after the action."""
    form = {"action": action, "_selected_action": [str(row.pk) for row in rows], "index": "0"}
    answer = client.post(url, form, follow=True)
    return answer.status_code, [str(message) for message in answer.context["messages"]] if answer.context else []


def grant_of(member):
    with on_platform():
        return Membership.objects.get(user=member.user_id)


def invited(clinic, by):
    return invite(role=Role.NURSE, clinic=clinic, by=by, now=timezone.now(), email="new@people.example")


def opening(clinic, by, ago=0):
    with in_clinic(clinic):
        row = open_chart(patient=make.patient(), reason="Found unconscious.", by=by, now=timezone.now())
        if ago:
            at = timezone.now() - dt.timedelta(hours=ago)
            Opening.objects.filter(pk=row.pk).update(during=TimestamptzRange(at, at + dt.timedelta(minutes=30)))
        return row


class TestWhoFindsThem:
    @pytest.mark.parametrize(
        ("url", "permission"),
        [(GRANTS, "user.list"), (INVITATIONS, "user.grant"), (OPENINGS, "glass.view")],
    )
    def test_the_page_opens_to_whom_the_table_says_and_to_nobody_else(self, browser, url, permission):
        for role in (
            Role.CLINIC_ADMIN,
            Role.SYSTEM_ADMIN,
            Role.DOCTOR,
            Role.COMPLIANCE_OFFICER,
            Role.RECEPTIONIST,
            Role.AUDITOR,
        ):
            may = reach(permission, frozenset({Role(role)})) is not None
            assert browser(role).get(url).status_code == (200 if may else 403), (url, role)

    def test_who_runs_a_clinic_sees_its_grants_and_invitations_alone(self, browser, member, north, south):
        boss, theirs = browser("clinic_admin"), member("doctor", clinic=south)
        invited(south, member("clinic_admin", clinic=south))
        page = boss.get(GRANTS).content.decode()
        assert str(boss.member.user_id) in page and str(theirs.user_id) not in page
        assert "South" not in boss.get(INVITATIONS).content.decode()
        assert str(theirs.user_id) in browser("system_admin").get(GRANTS).content.decode()

    def test_who_opened_a_chart_sees_their_own_openings_and_no_action(self, browser, member, north):
        doctor = browser("doctor")
        own, other = opening(north, doctor.member), opening(north, member("nurse"))
        page = doctor.get(OPENINGS).content.decode()
        assert str(own.pk) in page and str(other.pk) not in page and "Close the review" not in page

    @pytest.mark.parametrize("url", [GRANTS, INVITATIONS, OPENINGS])
    def test_a_list_costs_the_same_for_one_row_as_for_three(self, browser, member, north, url):
        client = browser("compliance_officer" if url == OPENINGS else "clinic_admin")

        def more(number):
            for _ in range(number):
                by = member("doctor")
                opening(north, by)
                invite(role=Role.NURSE, clinic=north, by=None, now=timezone.now(), email=f"{by.user_id.hex}@people.example")

        costs = []
        for number in (1, 2):
            more(number)
            client.get(url)
            with CaptureQueriesContext(connection) as seen:
                assert client.get(url).status_code == 200
            costs.append(len(seen))
        assert costs[0] == costs[1]


class TestGrants:
    def test_a_grant_is_ended_and_the_role_is_gone(self, browser, member):
        row = grant_of(member("nurse"))
        assert chosen(browser("clinic_admin"), GRANTS, "end", row) == (200, ["Ended: 1."])
        row.refresh_from_db()
        assert row.ended_at is not None

    def test_the_last_administrator_stays_and_the_page_says_why(self, browser, member):
        boss, nurse = browser("clinic_admin"), grant_of(member("nurse"))
        own = grant_of(boss.member)
        _, told = chosen(boss, GRANTS, "end", own, nurse)
        assert told == [f"{own}: Nobody else could grant roles here: appoint another administrator first.", "Ended: 1."]
        assert grant_of(boss.member).ended_at is None

    def test_a_grant_of_another_clinic_is_not_reached(self, browser, member, south):
        row = grant_of(member("nurse", clinic=south))
        chosen(browser("clinic_admin"), GRANTS, "end", row)
        row.refresh_from_db()
        assert row.ended_at is None

    def test_who_may_look_only_ends_nothing(self, browser, member):
        row, operator = grant_of(member("nurse")), browser("system_admin")
        assert "End these grants" not in operator.get(GRANTS).content.decode()
        chosen(operator, GRANTS, "end", row)
        row.refresh_from_db()
        assert row.ended_at is None

    def test_a_ruling_role_runs_on_only_after_a_recent_sign_in(self, browser, member):
        boss, other = browser("clinic_admin"), grant_of(member("clinic_admin"))
        until = timezone.now() + dt.timedelta(days=3)
        with on_platform():
            Membership.objects.filter(pk=other.pk).update(expires_at=until)
            Session.objects.filter(user=boss.member.user_id).update(proven_at=timezone.now() - dt.timedelta(hours=1))
        _, told = chosen(boss, GRANTS, "let_run", other)
        assert told == [f"{other}: Show once more who you are (POST /auth/step-up), then do it again."]
        nurse = grant_of(member("nurse"))
        assert chosen(boss, GRANTS, "let_run", nurse)[1] == ["Without an end: 1."]


class TestInvitations:
    def test_one_is_taken_back_and_the_contact_is_not_shown(self, browser, north):
        boss = browser("clinic_admin")
        row = invited(north, boss.member)
        assert "new@people.example" not in boss.get(INVITATIONS).content.decode()
        assert chosen(boss, INVITATIONS, "take_back", row) == (200, ["Taken back: 1."])
        row.refresh_from_db()
        assert row.state == Invitation.State.REVOKED

    def test_of_another_clinic_it_stays(self, browser, member, south):
        row = invited(south, member("clinic_admin", clinic=south))
        chosen(browser("clinic_admin"), INVITATIONS, "take_back", row)
        row.refresh_from_db()
        assert row.state == Invitation.State.PENDING

    @pytest.mark.parametrize("state", ["pending", "accepted", "revoked", "expired"])
    def test_they_are_found_by_state(self, browser, north, state):
        boss = browser("clinic_admin")
        row = invited(north, boss.member)
        found = str(row.pk) in boss.get(INVITATIONS, {"state": state}).content.decode()
        assert found == (state == "pending")


class TestReviews:
    def test_the_officer_closes_a_review_once(self, browser, member, north):
        officer, row = browser("compliance_officer"), opening(north, member("doctor"), ago=73)
        assert str(row.pk) in officer.get(OPENINGS, {"review": "overdue"}).content.decode()
        assert chosen(officer, OPENINGS, "unclear", row) == (200, ["Reviews closed: 1."])
        assert str(row.pk) not in officer.get(OPENINGS, {"review": "overdue"}).content.decode()
        assert chosen(officer, OPENINGS, "justified", row)[1] == [f"{row}: This opening was reviewed already."]
        with in_clinic(north):
            assert Opening.objects.get(pk=row.pk).finding == "unclear"

    def test_who_opened_it_does_not_close_its_review(self, browser, north):
        doctor = browser("doctor")
        row = opening(north, doctor.member)
        chosen(doctor, OPENINGS, "justified", row)
        with in_clinic(north):
            assert Opening.objects.get(pk=row.pk).reviewed_at is None
