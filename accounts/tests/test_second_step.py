"""Does the second step stand between a password and a session, once set up, and can it be lost without being locked out?"""

import datetime as dt
from base64 import b32decode

import pytest
from django.test import Client
from django.utils import timezone

from accounts import onetime
from accounts.models import Membership, RecoveryCode, Session, Totp, User
from accounts.services import totp
from accounts.services.otp import BadCode
from accounts.tests.sending import no_limits
from healthcare.core.tenancy import on_platform
from healthcare.tests import make
from healthcare.tests.client import client
from monitoring.models import PlatformAuditEntry

pytestmark = pytest.mark.django_db
ADA = "ada@people.example"
LOGIN = "/admin/login/?next=/admin/"


def code_at(user, later=0):
    secret = Totp.objects.get(user=user).secret
    return onetime.hotp(b32decode(secret), onetime.step_at(timezone.now()) + later)


def set_up(user):
    """An authenticator that was confirmed some time ago; its recovery codes."""
    totp.enrol(user=user)
    session = Session.objects.filter(user=user).first()
    made = totp.confirm(user=user, code=code_at(user), session_id=session.pk if session else user.pk)
    Totp.objects.update(last_step=0)
    return made


@pytest.fixture
def nurse(north):
    return User.objects.get(pk=make.member("nurse", north, email=ADA).user_id)


def signed_in(user, clinic="north"):
    return client(make.Member(user.pk, None, frozenset()), clinic)


def first_step():
    no_limits()
    return client(None, None).post("/auth/login", {"identifier": ADA, "password": make.PASSWORD})


def second_step(token, code):
    no_limits()
    return client(None, None).post("/auth/mfa/totp/verify", {"mfa_token": token, "code": code})


def test_it_is_set_up_confirmed_and_then_asked_for(nurse):
    here = signed_in(nurse)
    made = here.post("/auth/mfa/totp").json()
    assert made["uri"].endswith(f"?secret={made['secret']}&issuer=Healthcare&digits=6&period=30")
    assert first_step().status_code == 200  # not confirmed yet
    codes = here.post("/auth/mfa/totp/confirm", {"code": code_at(nurse)}).json()["recovery_codes"]
    assert len(set(codes)) == 10
    assert here.get("/auth/mfa/totp").json() == {"set_up": True, "required": False, "recovery_codes_left": 10}
    waiting = first_step()
    assert (waiting.status_code, waiting.json().keys()) == (202, {"mfa_token", "methods", "expires_in"})
    answer = second_step(waiting.json()["mfa_token"], code_at(nurse, later=1))
    assert answer.status_code == 200
    assert Session.objects.get(pk=answer.json()["session_id"]).second_step


def test_a_wrong_code_of_the_enrolment_sets_nothing_up(nurse):
    here = signed_in(nurse)
    here.post("/auth/mfa/totp")
    assert here.post("/auth/mfa/totp/confirm", {"code": "000000"}).json()["code"] == "bad_code"
    assert first_step().status_code == 200


def test_the_code_of_a_sign_in_works_once(nurse):
    set_up(nurse)
    one, two = first_step().json()["mfa_token"], first_step().json()["mfa_token"]
    code = code_at(nurse)
    assert [second_step(one, code).status_code, second_step(two, code).status_code] == [200, 401]


def test_the_token_of_a_first_step_works_once_for_three_tries_and_five_minutes(nurse):
    set_up(nurse)
    token = first_step().json()["mfa_token"]
    assert second_step(token, code_at(nurse)).status_code == 200
    assert second_step(token, code_at(nurse, later=1)).status_code == 401
    Totp.objects.update(last_step=0)
    token = first_step().json()["mfa_token"]
    codes = [second_step(token, "000000").status_code for _ in range(3)]
    assert [*codes, second_step(token, code_at(nurse)).status_code] == [401] * 4
    token = first_step().json()["mfa_token"]
    with pytest.raises(BadCode):
        late = timezone.now() + dt.timedelta(minutes=5, seconds=1)
        totp.finish(mfa_token=token, code="000000", device=None, now=late)


def test_five_wrong_codes_lock_the_step_and_a_code_by_mail_does_not_go_round_it(nurse):
    set_up(nurse)
    for _ in range(2):
        token = first_step().json()["mfa_token"]
        for _ in range(3):
            answer = second_step(token, "000000")
    assert (answer.status_code, answer.json()["code"]) == (429, "locked_out")


def test_a_recovery_code_works_once(nurse):
    code = set_up(nurse)[0]
    tokens = [first_step().json()["mfa_token"] for _ in range(2)]
    assert [second_step(token, code.upper()).status_code for token in tokens] == [200, 401]
    assert RecoveryCode.objects.filter(used_at__isnull=False).count() == 1


def test_new_recovery_codes_void_the_old(nurse):
    old = set_up(nurse)[0]
    new = signed_in(nurse).post("/auth/mfa/totp/recovery-codes").json()["recovery_codes"]
    token = first_step().json()["mfa_token"]
    assert [second_step(token, old).status_code, second_step(token, new[0]).status_code] == [401, 200]


def test_neither_secret_nor_recovery_codes_are_kept_in_clear(nurse):
    codes = set_up(nurse)
    secret = Totp.objects.get().secret
    with on_platform():
        kept = str([bytes(r.digest) for r in RecoveryCode.objects.all()]) + str(Totp.objects.values("secret").get())
        trail = str(list(PlatformAuditEntry.objects.values()))
    assert not any(text in kept + trail for text in (secret, *codes, *(c.replace("-", "") for c in codes)))


class TestStepUp:
    def test_what_is_dear_wants_a_recent_sign_in(self, nurse):
        here = signed_in(nurse)
        Session.objects.update(proven_at=timezone.now() - dt.timedelta(minutes=11))
        for verb, path in (("post", "/auth/mfa/totp"), ("delete", "/auth/mfa/totp"), ("post", "/auth/mfa/totp/recovery-codes")):
            answer = getattr(here, verb)(path)
            assert (answer.status_code, answer.json()["code"]) == (403, "step_up_required"), path
        assert here.patch("/users/profile", {"email": "new@people.example"}).json()["code"] == "step_up_required"
        assert here.patch("/users/profile", {"first_name": "Ona"}).status_code == 200

    def test_the_password_is_enough_for_who_has_no_authenticator(self, nurse):
        here = signed_in(nurse)
        Session.objects.update(proven_at=timezone.now() - dt.timedelta(minutes=11))
        assert here.post("/auth/step-up", {"password": make.PASSWORD}).status_code == 204
        assert here.post("/auth/mfa/totp").status_code == 201

    def test_who_has_one_shows_its_code(self, nurse):
        set_up(nurse)
        here = signed_in(nurse)
        Session.objects.update(proven_at=timezone.now() - dt.timedelta(minutes=11))
        assert here.post("/auth/step-up", {"password": make.PASSWORD}).json()["code"] == "wrong_proof"
        assert here.delete("/auth/mfa/totp").status_code == 403
        assert here.post("/auth/step-up", {"code": code_at(nurse)}).status_code == 204
        assert here.delete("/auth/mfa/totp").status_code == 204
        assert first_step().status_code == 200


class TestPolicy:
    @pytest.fixture(autouse=True)
    def _required(self, settings):
        settings.MFA_POLICY, settings.MFA_GRACE = "required", 7 * 24 * 3600

    def test_in_the_time_of_grace_nothing_is_asked(self, nurse):
        assert first_step().json()["mfa_setup_required"] is False

    def test_afterwards_a_session_can_do_nothing_but_set_it_up(self, nurse):
        Membership.objects.update(granted_at=timezone.now() - dt.timedelta(days=8))
        made = first_step().json()
        assert made["mfa_setup_required"] is True
        here = client(None, "north")
        here.credentials(HTTP_AUTHORIZATION=f"Bearer {made['access']}", HTTP_X_CLINIC_ID="north")
        assert here.get("/patients").status_code == 404
        assert here.post("/realtime/tickets").status_code == 404
        here.post("/auth/mfa/totp")
        assert here.post("/auth/mfa/totp/confirm", {"code": code_at(nurse)}).status_code == 200
        assert here.get("/patients").status_code == 200

    def test_patients_are_asked_for_nothing(self, north):
        make.member("patient", north, email=ADA)
        Membership.objects.update(granted_at=timezone.now() - dt.timedelta(days=8))
        assert first_step().json()["mfa_setup_required"] is False

    def test_the_admin_leads_to_the_page_where_it_is_set_up(self, nurse):
        Membership.objects.update(granted_at=timezone.now() - dt.timedelta(days=8))
        browser = Client()
        browser.post(LOGIN, {"username": ADA, "password": make.PASSWORD})
        assert browser.get("/admin/patients/patient/")["Location"] == "/admin/security/"
        page = browser.post("/admin/security/authenticator", {"password": make.PASSWORD}).content.decode()
        assert Totp.objects.get().secret in page
        page = browser.post("/admin/security/authenticator/confirm", {"code": code_at(nurse)}).content.decode()
        assert page.count("<li><code>") == 10
        assert browser.get("/admin/patients/patient/").status_code == 200


class TestAdmin:
    def enter(self, browser=None, **given):
        no_limits()
        browser = browser or Client()
        answer = browser.post(LOGIN, {"username": ADA, "password": make.PASSWORD, **given})
        return answer.status_code, browser

    def test_it_asks_for_the_code_too(self, nurse):
        set_up(nurse)
        assert self.enter()[0] == 200
        assert self.enter(code="000000")[0] == 200
        code = code_at(nurse)
        status, browser = self.enter(code=code)
        assert (status, browser.get("/admin/").status_code) == (302, 200)
        assert self.enter(code=code)[0] == 200  # once

    def test_password_changes_and_logging_out_everywhere_end_it(self, nurse):
        for end in (
            {
                "path": "/auth/password/change",
                "data": {"current_password": make.PASSWORD, "new_password": "another-horse-battery"},
            },
            {"path": "/auth/logout", "data": {"all_devices": True}},
        ):
            _, browser = self.enter()
            assert browser.get("/admin/").status_code == 200
            assert signed_in(nurse, None).post(**end).status_code == 204
            assert browser.get("/admin/").status_code == 302
            nurse.refresh_from_db()
            nurse.set_password(make.PASSWORD)
            nurse.save()

    def test_it_is_listed_and_ended_like_any_other_session(self, nurse):
        _, browser = self.enter()
        here = signed_in(nurse, None)
        (admins,) = [row for row in here.get("/auth/sessions").json()["results"] if row["in_admin"]]
        assert here.delete(f"/auth/sessions/{admins['id']}").status_code == 204
        assert browser.get("/admin/").status_code == 302

    def test_a_cookie_whose_session_is_not_ours_is_nobodys(self, nurse):
        _, browser = self.enter()
        store = browser.session
        del store["account_session"]
        store.save()
        assert browser.get("/admin/").status_code == 302

    def test_the_limits_are_the_apis(self, nurse):
        for _ in range(5):
            client(None, None).post("/auth/login", {"identifier": ADA, "password": "wrong-wrong-1"})
        browser = Client()
        page = browser.post(LOGIN, {"username": ADA, "password": make.PASSWORD})
        assert b"Too many tries; wait" in page.content
        no_limits()
        page = browser.post(LOGIN, {"username": ADA, "password": make.PASSWORD})
        assert b"Too many tries; wait 10 min" in page.content

    def test_a_browser_that_was_in_before_is_not_locked_by_strangers(self, nurse):
        _, browser = self.enter()
        browser.post("/admin/logout/")
        for _ in range(6):
            no_limits()
            client(None, None).post("/auth/login", {"identifier": ADA, "password": "wrong-wrong-1"})
        assert self.enter()[0] == 200
        assert self.enter(browser)[0] == 302
