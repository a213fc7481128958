"""Do links and providers' reports do what they prove they may, and nothing else?"""

import datetime as dt
import hmac
import json
from base64 import b64encode
from hashlib import sha1, sha256

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.html import escape

from healthcare.core.languages import LANGUAGES, direction
from healthcare.core.tenancy import in_clinic
from healthcare.tests import make
from notifications import optout
from notifications.models import Delivery, Notification, Preference
from notifications.optout_words import SAID
from notifications.services.reminding import remind
from notifications.tests.conftest import the_notification

pytestmark = pytest.mark.django_db


@pytest.fixture
def reminded(booked):
    """The ledger's entry of a reminder."""
    appointment = booked(patient=make.patient(email="mira@people.example", phone="+919812345678"))
    remind(appointment_id=appointment.id, version=1, minutes=120, now=timezone.now())
    return Notification.objects.get(message="appointment_reminder")


# -- opting out --------------------------------------------------------------------------------------------------------


def test_the_link_asks_before_it_ends_anything(reminded, in_north):
    link = optout.link(reminded).removeprefix("http://127.0.0.1:8088")
    assert Client().get(link).status_code == 200
    assert Preference.objects.count() == 0


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_speaks_what_the_browser_asks_for_whatever_has_become_of_the_link(reminded, in_north, language):
    link = optout.link(reminded).removeprefix("http://127.0.0.1:8088")
    client = Client(headers={"accept-language": f"{language}-IN,en;q=0.5"})
    answers = {"ask": client.get(link), "done": client.post(link), "unknown": client.get("/notifications/opt-out/x")}
    for state, answer in answers.items():
        page = answer.content.decode()
        assert f'<html lang="{language}" dir="{direction(language)}">' in page
        assert escape(SAID[language][state].text) in page and ("<button>" in page) == (state == "ask")
    assert "Accept-Language" in answers["ask"]["Vary"]


def test_the_page_has_its_words_in_every_language():
    assert set(SAID) == set(LANGUAGES)
    for state in ("ask", "done", "unknown"):
        assert len({SAID[language][state] for language in LANGUAGES}) == len(LANGUAGES)


@pytest.mark.parametrize("body", [{}, {"List-Unsubscribe": "One-Click"}])
def test_a_post_ends_this_kind_for_this_person_and_twice_is_as_once(reminded, in_north, body):
    link = optout.link(reminded).removeprefix("http://127.0.0.1:8088")
    strict = Client(enforce_csrf_checks=True)
    assert [strict.post(link, body).status_code for _ in range(2)] == [200, 200]
    (row,) = Preference.objects.all()
    assert (row.patient_id, row.declined) == (reminded.patient_id, ["appointment_reminder"])


def test_what_may_not_be_declined_has_no_link_that_works(booked, in_north):
    booked()
    link = optout.link(the_notification()).removeprefix("http://127.0.0.1:8088")
    assert Client().post(link).status_code == 404
    assert Preference.objects.count() == 0


def test_a_link_that_we_did_not_make_does_nothing(reminded, north, south, in_north):
    good = optout.token(north.id, reminded.id)
    forged = [good[:-2] + ("AA" if good[-2:] != "AA" else "BB"), good[:20], "x", optout.token(south.id, reminded.id), "ä" * 64]
    answers = [Client().post(f"/notifications/opt-out/{token}").status_code for token in forged]
    assert answers == [404] * 5
    with in_clinic(south):
        assert Preference.objects.count() == 0


def test_a_mail_that_may_be_declined_says_so_in_its_head(reminded, work_off, mailoutbox, settings):
    settings.BASE_URL = "https://clinic.example"
    Preference(patient=reminded.patient, channels=["email"]).save()
    work_off()
    mail = next(mail for mail in mailoutbox if mail.subject.startswith("Reminder"))
    assert mail.extra_headers["List-Unsubscribe"] == f"<{optout.link(reminded)}>"
    assert mail.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert [m.extra_headers.get("List-Unsubscribe") for m in mailoutbox if m is not mail] == [None]


# -- providers ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def sent(booked, work_off, texts):
    """A turn on the channel that took it."""

    def send(channel):
        booked(patient=make.patient(email="mira@people.example", phone="+919812345678"))
        entry = the_notification()
        awake = {"quiet_from": dt.time(0), "quiet_until": dt.time(0)}  # no quiet hours: the test runs at any time of the day
        Preference(patient=entry.patient, channels=[channel, "email"], **awake).save()
        work_off(("notification.send", f"{channel}.send"))
        return entry.deliveries.get(channel=channel)

    return send


def report_sms(turn, settings, status, secret=None, **more):
    fields = {"MessageSid": "SM1", "MessageStatus": status, **more}
    path = f"/providers/sms?key={turn.key}"
    told = f"{settings.BASE_URL}{path}" + "".join(f"{name}{fields[name]}" for name in sorted(fields))
    proof = b64encode(hmac.new((secret or settings.SMS.secret).encode(), told.encode(), sha1).digest()).decode()
    return Client().post(path, fields, headers={"X-Twilio-Signature": proof}).status_code


def report_whatsapp(turn, secret, status, **more):
    said = {"id": turn.provider_id, "status": status, "biz_opaque_callback_data": turn.key, **more}
    body = json.dumps({"entry": [{"changes": [{"value": {"statuses": [said]}}]}]})
    proof = "sha256=" + hmac.new(secret.encode(), body.encode(), sha256).hexdigest()
    headers = {"X-Hub-Signature-256": proof}
    return Client().post("/providers/whatsapp", body, content_type="application/json", headers=headers).status_code


def test_a_signed_report_of_arrival_is_noted(sent, settings):
    turn = sent("sms")
    assert report_sms(turn, settings, "delivered") == 204
    assert report_sms(turn, settings, "sent") == 204, "late and out of order"
    turn.refresh_from_db()
    assert (turn.state, turn.delivered_at is not None) == ("delivered", True)


def test_an_unsigned_report_changes_nothing(sent, settings):
    turn = sent("sms")
    assert report_sms(turn, settings, "undelivered", secret="somebody") == 403
    settings.WHATSAPP_APP_SECRET = "meta"
    assert report_whatsapp(turn, "somebody", "failed") == 403
    turn.refresh_from_db()
    assert turn.state == "sent"


def test_what_did_not_arrive_after_all_goes_the_next_way_once(sent, settings, work_off, mailoutbox):
    turn = sent("whatsapp")
    settings.WHATSAPP_APP_SECRET = "meta"
    for _ in range(2):
        assert report_whatsapp(turn, "meta", "failed", errors=[{"code": 131026}]) == 204
    work_off(("notification.send", "email.send"))
    assert dict(Delivery.objects.values_list("channel", "state")) == {"whatsapp": "failed", "email": "sent"}
    assert (Delivery.objects.get(channel="whatsapp").error, len(mailoutbox)) == ("whatsapp_131026", 1)


def test_a_read_receipt_marks_the_entry_as_read(sent, settings):
    turn = sent("whatsapp")
    settings.WHATSAPP_APP_SECRET = "meta"
    assert report_whatsapp(turn, "meta", "read") == 204
    assert the_notification().read_at is not None


UNKNOWN = "019ac1f0-0000-7000-8000-000000000001"


@pytest.mark.parametrize("key", ["", "otp:1", f"{UNKNOWN}:{UNKNOWN}:sms", "a:b:c", "\x00"])
def test_a_report_on_something_else_is_taken_and_does_nothing(settings, db, texts, key):
    class Nobodys:
        provider_id = "1"

    Nobodys.key = key
    settings.WHATSAPP_APP_SECRET = "meta"
    assert report_whatsapp(Nobodys, "meta", "failed") == 204


@pytest.mark.parametrize("body", ["", "[]", "{}", '{"entry": 1}', '{"entry": [{"changes": [{"value": 7}]}]}', "{", "\xff"])
def test_a_signed_report_that_is_built_otherwise_is_no_fault(settings, db, body):
    settings.WHATSAPP_APP_SECRET = "meta"
    raw = body.encode("latin-1")
    proof = "sha256=" + hmac.new(b"meta", raw, sha256).hexdigest()
    answer = Client().post("/providers/whatsapp", raw, content_type="application/json", headers={"X-Hub-Signature-256": proof})
    assert answer.status_code == 204


def test_the_address_is_confirmed_to_who_knows_the_token(settings, db):
    settings.WHATSAPP_VERIFY_TOKEN = "token"
    asked = {"hub.mode": "subscribe", "hub.challenge": "1158201444"}
    good = Client().get("/providers/whatsapp", {**asked, "hub.verify_token": "token"})
    assert (good.status_code, good.content) == (200, b"1158201444")
    assert Client().get("/providers/whatsapp", {**asked, "hub.verify_token": "other"}).status_code == 403
    settings.WHATSAPP_VERIFY_TOKEN = ""
    assert Client().get("/providers/whatsapp", {**asked, "hub.verify_token": ""}).status_code == 403
