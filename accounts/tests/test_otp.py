"""Does a code reach its person by the next best way, work once, and tell nobody who exists?"""

import datetime as dt

import pytest
from django.core import mail
from django.utils import timezone

from accounts.models import Challenge, User
from accounts.services import otp
from accounts.services.lockout import LockedOut
from accounts.services.otp import BadCode
from accounts.tests.sending import SIX, ask, mailed_code, no_limits, other_than, send_all
from healthcare.core.delivery import budget
from healthcare.core.errors import TooMany
from healthcare.core.models import Job
from healthcare.tests import make
from healthcare.tests.client import client

pytestmark = pytest.mark.django_db
ADA, PHONE = "ada@people.example", "+4915112345678"


@pytest.fixture
def ada():
    return make.person(email=ADA, phone=PHONE)


def nobody():
    return client(None, None)


def verify(challenge, code, who=None):
    return (who or nobody()).post("/auth/verify-otp", {"challenge": challenge, "code": code})


def test_a_code_signs_in_once(ada):
    challenge = ask(nobody(), ADA)
    code = mailed_code()
    assert len(code) == 6
    answer = verify(challenge, code)
    assert (answer.status_code, answer.json()["user"]["id"]) == (200, str(ada.id))
    assert verify(challenge, code).json()["code"] == "bad_code"


def test_login_takes_identifier_challenge_and_code_too(ada):
    challenge = ask(nobody(), ADA)
    given = {"identifier": ADA, "challenge": challenge, "code": mailed_code()}
    assert nobody().post("/auth/login", {**given, "identifier": "bo@people.example"}).status_code == 401
    assert nobody().post("/auth/login", given).status_code == 200


def test_who_is_asked_for_is_never_told():
    make.person(email=ADA)
    known, unknown = (nobody().post("/auth/request-otp", {"identifier": i}) for i in (ADA, "nobody@people.example"))
    assert (known.status_code, unknown.status_code) == (202, 202)
    known, unknown = known.json(), unknown.json()
    assert known.keys() == unknown.keys() == {"challenge", "expires_in", "resend_in"}
    assert (known["expires_in"], known["resend_in"]) == (300, 60)
    wrong = [verify(asked["challenge"], "000000").json() for asked in (known, unknown, {"challenge": str(Job().id)})]
    for answer in wrong:
        answer.pop("request_id")
    assert wrong[0] == wrong[1] == wrong[2]


def test_nobody_is_written_to_for_an_unknown_identifier():
    ask(nobody(), "nobody@people.example")
    assert send_all() == [True]
    assert mail.outbox == []


def test_three_tries_and_no_fourth(ada):
    challenge = ask(nobody(), ADA)
    code = mailed_code()
    assert [verify(challenge, other_than(code)).status_code for _ in range(3)] == [401] * 3
    assert verify(challenge, code).status_code == 401
    assert Challenge.objects.get(pk=challenge).tries == 3


def test_a_code_holds_five_minutes(ada):
    challenge = ask(nobody(), ADA)
    code, now = mailed_code(), timezone.now()
    with pytest.raises(BadCode):
        otp.verify(challenge_id=challenge, code=code, now=now + dt.timedelta(minutes=5, seconds=1))
    assert otp.verify(challenge_id=challenge, code=code, now=now + dt.timedelta(minutes=4, seconds=50)) == ada


def test_between_two_sends_are_sixty_seconds(ada):
    ask(nobody(), ADA)
    again = nobody().post("/auth/request-otp", {"identifier": "ADA@people.example"})
    assert again.status_code == 429 and 50 < int(again["Retry-After"]) <= 60


def test_only_the_newest_code_counts(ada):
    first = ask(nobody(), ADA)
    old = mailed_code()
    no_limits()
    second = ask(nobody(), ADA)
    new = mailed_code()
    assert verify(first, old).status_code == 401
    assert verify(second, old if old != new else other_than(new)).status_code == 401
    assert verify(second, new).status_code == 200


def test_a_code_belongs_to_its_challenge(ada):
    make.person(email="bo@people.example")
    challenge = ask(nobody(), "bo@people.example")
    send_all()
    ask(nobody(), ADA)
    assert verify(challenge, mailed_code()).status_code == 401


def test_what_is_kept_is_not_the_code(ada):
    ask(nobody(), ADA)
    code = mailed_code()
    row = Challenge.objects.values().get()
    assert code not in str(row) and ADA not in str(row)
    args = str(list(Job.objects.filter(name="code.send").values("args", "key")))
    assert code not in args and ADA not in args


def test_five_wrong_ones_in_five_minutes_and_the_sixth_is_not_looked_at(ada):
    for _ in range(2):
        no_limits(but="verify_otp")
        challenge = ask(nobody(), ADA)
        code = mailed_code()
        for _ in range(3):
            verify(challenge, other_than(code))
    with pytest.raises((TooMany, LockedOut)):
        otp.verify(challenge_id=challenge, code=code)


def test_a_wrong_code_locks_no_password(ada):
    for _ in range(2):
        no_limits()
        challenge = ask(nobody(), ADA)
        for _ in range(3):
            verify(challenge, "000000")
    no_limits()
    assert nobody().post("/auth/login", {"identifier": ADA, "password": make.PASSWORD}).status_code == 200


class TestWays:
    """SMS, WhatsApp, mail: healthcare's own order."""

    def code_of(self, told):
        return SIX.findall(told.text)[0]

    def test_the_domains_order_comes_first(self, ada, texts):
        challenge = ask(nobody(), ADA)
        send_all()
        (told,) = texts.delivered
        assert (told.channel, told.to, told.key) == ("sms", PHONE, f"code:{challenge}:sms")
        assert verify(challenge, self.code_of(told)).status_code == 200

    def test_the_persons_own_order_comes_before_it(self, ada, texts):
        User.objects.filter(pk=ada.pk).update(code_channels=["whatsapp"])
        challenge = ask(nobody(), ADA)
        send_all()
        (told,) = texts.delivered
        assert told.channel == "whatsapp"
        assert told.text.startswith("sign_in_code ")
        assert verify(challenge, self.code_of(told)).status_code == 200

    def test_the_order_may_be_said_when_signing_up(self):
        body = {"email": "bo@people.example", "password": make.PASSWORD, "code_channels": ["whatsapp", "email"]}
        made = nobody().post("/auth/register", body)
        assert (made.status_code, made.json()["user"]["code_channels"]) == (201, ["whatsapp", "email"])
        again = nobody().post("/auth/register", {**body, "code_channels": ["pigeon"]})
        assert again.status_code == 400

    def test_a_named_channel_is_the_only_one(self, ada, texts):
        texts.mood["sms"] = "refuse"
        ask(nobody(), ADA, channel="sms")
        assert send_all() == [True]
        assert (texts.delivered, mail.outbox) == ([], [])

    @pytest.mark.parametrize("mood", ["fail", "refuse", "busy", "nonsense", "hang", "drip"])
    def test_a_provider_that_does_not_take_it_is_passed_over(self, ada, texts, mood):
        texts.mood["sms"] = mood
        challenge = ask(nobody(), ADA)
        send_all()
        (told,) = texts.delivered
        assert told.channel == "whatsapp"
        assert verify(challenge, self.code_of(told)).status_code == 200

    def test_when_both_are_away_mail_is_left(self, ada, texts):
        texts.mood.update(sms="fail", whatsapp="fail")
        challenge = ask(nobody(), ADA)
        assert verify(challenge, mailed_code()).status_code == 200

    def test_a_resting_provider_is_not_even_asked(self, ada, texts):
        texts.mood["sms"] = "fail"
        for _ in range(6):
            no_limits()
            ask(nobody(), ADA)
            send_all()
        assert [told.channel for told in texts.calls].count("sms") == 5
        assert [told.channel for told in texts.delivered] == ["whatsapp"] * 6

    @pytest.mark.parametrize("mood", ["late", "twice"])
    def test_what_arrives_late_or_twice_is_the_same_code_and_it_works_once(self, ada, texts, mood, settings):
        texts.mood["sms"], texts.patience = mood, 0.6
        challenge = ask(nobody(), ADA)
        send_all()
        texts.over.wait(0.6)
        codes = {self.code_of(told) for told in texts.delivered}
        assert len(texts.delivered) == 2 and len(codes) == 1
        code = codes.pop()
        assert [verify(challenge, code).status_code for _ in range(2)] == [200, 401]

    def test_when_nobody_takes_it_the_job_is_tried_again_with_the_same_code(self, ada, texts):
        User.objects.filter(pk=ada.pk).update(phone_pending=False)
        texts.mood.update(sms="fail", whatsapp="fail")
        challenge = ask(nobody(), PHONE, channel="sms")
        assert send_all() == [False]
        texts.mood.update(sms="fine")
        Job.objects.filter(name="code.send").update(due_at=timezone.now())
        assert send_all() == [True]
        assert verify(challenge, self.code_of(texts.delivered[0])).status_code == 200

    def test_a_code_that_was_overtaken_is_not_sent(self, ada, texts):
        ask(nobody(), ADA)
        no_limits()
        second = ask(nobody(), ADA)
        send_all()
        assert [told.key for told in texts.delivered] == [f"code:{second}:sms"]

    def test_an_unproven_number_is_not_written_to(self, texts):
        user = make.person(email=ADA)
        User.objects.filter(pk=user.pk).update(phone_pending=True)
        user.refresh_from_db()
        user.phone = PHONE
        user.save()
        ask(nobody(), ADA)
        mailed_code()
        assert texts.calls == []


class TestPumping:
    def test_a_range_of_numbers_has_its_budget_and_then_mail_is_used(self, ada, texts, settings):
        settings.CODES_PER_PREFIX = 2
        for _ in range(4):
            no_limits(but="codes_")
            ask(nobody(), ADA)
            send_all()
        assert [told.channel for told in texts.delivered] == ["sms", "sms", "whatsapp", "whatsapp"]
        no_limits(but="codes_")
        ask(nobody(), ADA)
        assert mailed_code()

    def test_where_no_code_ever_comes_back_no_more_are_sent(self, settings):
        settings.CODES_PER_PREFIX = settings.CODES_PER_DAY = 10_000
        for number in range(budget.DOUBT_FROM):
            budget.spend("sms", f"+8801799{number:06d}")
        with pytest.raises(budget.OverBudget):
            budget.spend("sms", "+8801799999999")
        budget.spend("sms", PHONE)  # elsewhere all is well
        for number in range(30):
            budget.came_back("sms", f"+8801799{number:06d}")
        budget.spend("sms", "+8801799999999")

    def test_mail_costs_nothing(self, settings):
        settings.CODES_PER_DAY = 0
        budget.spend("email", ADA)


class TestProvingAContact:
    BODY = {"email": "new@people.example", "password": "correct-horse-battery", "first_name": "Lin"}

    def test_the_code_of_a_sign_up_proves_the_contact_in_the_same_session(self):
        made = nobody().post("/auth/register", self.BODY).json()
        me = nobody()
        me.credentials(HTTP_AUTHORIZATION=f"Bearer {made['access']}")
        answer = verify(made["challenge"], mailed_code(), me).json()
        assert (answer["session_id"], answer["user"]["email_pending"]) == (made["session_id"], False)
        body = {"identifier": self.BODY["email"], "password": self.BODY["password"]}
        assert nobody().post("/auth/login", body).status_code == 200

    def test_whose_address_it_is_already_gets_their_own_account(self):
        owner = make.person(email=self.BODY["email"])
        made = nobody().post("/auth/register", self.BODY).json()
        answer = verify(made["challenge"], mailed_code()).json()
        assert answer["user"]["id"] == str(owner.id) != made["user"]["id"]
        assert User.objects.get(pk=made["user"]["id"]).email_pending

    def test_of_two_who_claim_an_address_who_proves_it_has_it(self):
        first, second = (nobody().post("/auth/register", self.BODY).json(), None)
        no_limits()
        second = nobody().post("/auth/register", self.BODY).json()
        send_all()
        assert verify(second["challenge"], mailed_code()).json()["user"]["id"] == second["user"]["id"]
        assert otp.find_person(self.BODY["email"]).id != first["user"]["id"]

    def test_another_code_can_be_asked_for_by_the_claimant_only(self):
        made = nobody().post("/auth/register", self.BODY).json()
        no_limits()
        me = nobody()
        me.credentials(HTTP_AUTHORIZATION=f"Bearer {made['access']}")
        challenge = ask(me, self.BODY["email"])
        assert verify(challenge, mailed_code(), me).json()["user"]["email_pending"] is False
        no_limits()
        stranger = ask(nobody(), "claimed@people.example")
        send_all()
        assert Challenge.objects.get(pk=stranger).user_id is None

    def test_a_changed_address_is_unproven_again_and_wants_a_recent_sign_in(self, north):
        who = client(make.member("patient", north, email=ADA), None)
        answer = who.patch("/users/profile", {"email": "new@people.example"})
        assert (answer.status_code, answer.json()["email_pending"]) == (200, True)
        assert nobody().post("/auth/login", {"identifier": ADA, "password": make.PASSWORD}).status_code == 401

    def test_somebody_elses_address_is_refused_to_nobody_and_found_by_nobody(self, north):
        owner = make.person(email=ADA)
        who = client(make.member("patient", north), None)
        assert who.patch("/users/profile", {"email": ADA}).status_code == 200
        assert otp.find_person(ADA) == owner

    def test_one_way_to_be_reached_must_stay(self, north):
        who = client(make.member("patient", north), None)
        answer = who.patch("/users/profile", {"email": None, "phone": None})
        assert (answer.status_code, answer.json()["code"]) == (409, "unreachable")
