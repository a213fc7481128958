"""Do many guesses in the same moment get no more tries than one by one, and is there one winner of what can be won?"""

from base64 import b32decode
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from accounts import onetime
from accounts.models import Challenge, RecoveryCode
from accounts.services import challenges, lockout, totp
from accounts.services.challenges import Purpose
from accounts.services.lockout import LockedOut, Subject
from accounts.services.otp import BadCode
from healthcare.core.tenancy import on_platform
from healthcare.tests import make

HANDS = 24


def at_once(act):
    """How many of these hands had it."""

    def hand(number):
        try:
            return bool(act(number))
        except (LockedOut, BadCode):
            return False
        finally:
            connection.close()

    with ThreadPoolExecutor(HANDS) as pool:
        return sum(pool.map(hand, range(HANDS)))


@pytest.mark.parallel
@pytest.mark.usefixtures("committed")
class TestAtOnce:
    def test_five_are_looked_at(self):
        assert at_once(lambda n: lockout.count(Subject("password", "x")) is None) == 5

    def test_a_code_has_three_tries_and_one_winner(self):
        wrong, right = self.challenge(), self.challenge()
        assert at_once(lambda n: challenges.counted(wrong.pk, timezone.now())) == 3
        code = onetime.sent_code(right)
        assert at_once(lambda n: challenges.answered(right.pk, code, timezone.now())) == 1

    def test_of_many_who_ask_in_the_same_moment_the_newest_is_left(self):
        made = at_once(lambda n: self.challenge(b"the same subject").pk)
        assert (made, Challenge.objects.filter(ended_at=None).count()) == (HANDS, 1)

    def test_a_code_of_the_app_and_a_recovery_code_work_once(self, monkeypatch):
        monkeypatch.setattr(lockout, "FAILURES", 1000)
        user = make.person()
        secret, now = b32decode(totp.enrol(user=user).secret), timezone.now()
        recovery = totp.confirm(user=user, code=onetime.hotp(secret, onetime.step_at(now)), session_id=user.pk, now=now)[0]
        code = onetime.hotp(secret, onetime.step_at(now) + 1)
        for one in (code, recovery):
            assert at_once(lambda n, one=one: totp.check(user_id=user.pk, code=one, now=now) is None) == 1

    def challenge(self, subject=None):
        with on_platform():
            mark = subject or bytes(str(timezone.now()), "ascii")
            return challenges.make(Challenge(purpose=Purpose.SIGN_IN, subject=mark))


@pytest.mark.django_db
class TestNeverUntrue:
    def row(self, **known):
        now = timezone.now()
        return Challenge(**{"purpose": "reset", "subject": b"s", "digest": b"d", "expires_at": now, **known})

    @pytest.mark.parametrize("tries", [0, 3])
    def test_up_to_three_tries_may_be_noted(self, tries):
        self.row(tries=tries).save()

    def test_a_fourth_may_not(self):
        with pytest.raises(IntegrityError, match="challenge_three_tries"):
            self.row(tries=4).save()

    def test_of_one_kind_and_subject_one_is_open(self):
        self.row(ended_at=timezone.now()).save()
        self.row().save()
        self.row(purpose="sign_in").save()
        with pytest.raises(IntegrityError, match="challenge_newest_only"), transaction.atomic():
            self.row().save()

    def test_a_person_has_a_recovery_code_once(self):
        first, second = make.person(), make.person()
        RecoveryCode(user=first, digest=b"d").save()
        RecoveryCode(user=second, digest=b"d").save()
        with pytest.raises(IntegrityError, match="recovery_code_once"):
            RecoveryCode(user=first, digest=b"d").save()
