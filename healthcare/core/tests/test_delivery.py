"""Does a message reach a real mail server whole, and is each way of failing told apart?"""

import smtplib
from email import message_from_bytes, policy

import pytest

from healthcare.core import breakers, delivery
from healthcare.core.delivery import Attachment, Message, TryAgain, Undeliverable
from healthcare.core.delivery.email import Email, failure, message_id
from healthcare.core.delivery.registry import SENDERS
from healthcare.tests.postbox import postbox

KEY = "018f0000-0000-7000-8000-000000000001:email"


@pytest.fixture
def smtp(settings):
    """A real SMTP server on this machine, which the product sends to."""
    with postbox(settings) as box:
        yield box


def message(**changes):
    return Message(**{"to": "asha@people.example", "subject": "नमस्ते Asha", "text": "Hello आशा\n", "key": KEY, **changes})


def test_text_html_and_attachment_arrive_whole(smtp):
    calendar = Attachment("a.ics", b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", "text/calendar; method=PUBLISH; charset=utf-8")
    receipt = delivery.send("email", message(html="<p>Hello आशा</p>", attachments=(calendar,), language="hi"))
    ((to, mail),) = smtp.mails
    assert to == ["asha@people.example"]
    assert (mail["Subject"], mail["Message-ID"], mail["Content-Language"]) == ("नमस्ते Asha", receipt.provider_id, "hi")
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail.get_content_type() == "multipart/mixed"
    body, attached = mail.iter_parts()
    assert body.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in body.iter_parts()] == ["text/plain", "text/html"]
    assert [part.get_content().strip() for part in body.iter_parts()] == ["Hello आशा", "<p>Hello आशा</p>"]
    assert (attached.get_content_type(), attached.get_filename()) == ("text/calendar", "a.ics")
    assert attached.get_content().encode().split() == calendar.content.split()


def test_the_same_key_has_the_same_message_id_and_another_key_another(smtp):
    for key in (KEY, KEY, KEY + "2"):
        delivery.send("email", message(key=key))
    first, second, third = (mail["Message-ID"] for _, mail in smtp.mails)
    assert first == second == message_id(KEY)
    assert third != first
    assert first.endswith("@healthcare.example>")


def test_a_message_that_may_be_ended_says_how(smtp):
    delivery.send("email", message(unsubscribe="https://clinic.example/stop/1"))
    delivery.send("email", message())
    (_, with_it), (_, without) = smtp.mails
    assert with_it["List-Unsubscribe"] == "<https://clinic.example/stop/1>"
    assert with_it["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert without["List-Unsubscribe"] is None


def test_a_line_break_in_a_subject_adds_no_header(smtp):
    delivery.send("email", message(subject="Hello\r\nBcc: everybody@people.example"))
    ((to, mail),) = smtp.mails
    assert (to, mail["Bcc"], mail["Subject"]) == (["asha@people.example"], None, "Hello Bcc: everybody@people.example")


@pytest.mark.parametrize("answer", ["550 no such user", "553 mailbox name not allowed"])
def test_an_address_that_the_server_refuses_is_undeliverable(smtp, answer):
    smtp.rcpt = answer
    with pytest.raises(Undeliverable) as told:
        delivery.send("email", message())
    assert told.value.code == f"smtp_{answer[:3]}"


@pytest.mark.parametrize("answer", ["450 mailbox busy", "452 too much mail"])
def test_a_server_that_is_busy_is_tried_again(smtp, answer):
    smtp.rcpt = answer
    with pytest.raises(TryAgain) as told:
        delivery.send("email", message())
    assert told.value.code == f"smtp_{answer[:3]}"


@pytest.mark.parametrize(("answer", "expected"), [("554 spam", Undeliverable), ("451 local error", TryAgain)])
def test_what_is_refused_after_the_text_is_told_apart_too(smtp, answer, expected):
    smtp.data = answer
    with pytest.raises(expected):
        delivery.send("email", message())


def test_a_server_that_is_away_is_tried_again(settings, smtp):
    settings.EMAIL_PORT = 9  # nobody listens there
    with pytest.raises(TryAgain) as told:
        delivery.send("email", message())
    assert told.value.code == "away"


def test_a_fault_of_our_own_setup_is_never_the_persons(smtp):
    assert isinstance(failure(smtplib.SMTPAuthenticationError(535, b"bad credentials")), TryAgain)
    assert isinstance(failure(smtplib.SMTPSenderRefused(550, b"who are you", "us@healthcare.example")), TryAgain)
    assert failure(smtplib.SMTPAuthenticationError(535, b"bad credentials")).code == "smtp_authenticationerror"


@pytest.mark.parametrize("address", ["", "asha", "asha@", "asha@people.example\r\nBcc: x@y.example", "a b@people.example"])
def test_an_address_that_is_none_never_reaches_the_server(smtp, address):
    with pytest.raises(Undeliverable) as told:
        delivery.send("email", message(to=address))
    assert (told.value.code, smtp.mails) == ("address_invalid", [])


def test_a_provider_that_keeps_failing_is_left_alone_for_a_while(settings, smtp):
    settings.EMAIL_PORT = 9
    codes = []
    for _ in range(7):
        with pytest.raises(TryAgain) as told:
            delivery.send("email", message())
        codes.append(told.value.code)
    assert codes == ["away"] * 5 + ["resting"] * 2
    assert breakers.states()["delivery.email"] == "open"


def test_refused_addresses_do_not_rest_the_provider(smtp):
    smtp.rcpt = "550 no such user"
    for _ in range(7):
        with pytest.raises(Undeliverable):
            delivery.send("email", message())
    assert breakers.states()["delivery.email"] == "closed"


def test_a_channel_without_a_sender_is_not_there():
    assert delivery.channels() == ["email"]
    assert delivery.sender("sms") is None
    with pytest.raises(delivery.NoSuchChannel):
        delivery.send("sms", message())


def test_a_channel_that_is_not_set_up_is_not_there(monkeypatch):
    monkeypatch.setitem(SENDERS, "sms", lambda: None)
    assert delivery.channels() == ["email"]
    monkeypatch.setitem(SENDERS, "sms", Email)
    assert delivery.channels() == ["email", "sms"]


def test_neither_message_nor_failure_shows_what_it_carries():
    attachment = Attachment("a.ics", b"headache", "text/calendar")
    shown = repr(message(attachments=(attachment,), html="<p>headache</p>", text="headache"))
    assert "headache" not in shown
    assert "asha" not in shown.lower()
    refused = smtplib.SMTPRecipientsRefused({"asha@people.example": (550, b"no asha here")})
    assert "asha" not in repr(failure(refused))


def test_in_development_mail_is_a_file(settings, tmp_path):
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = str(tmp_path)
    delivery.send("email", message(html="<p>Hello</p>"))
    (file,) = tmp_path.iterdir()
    mail = message_from_bytes(file.read_bytes().rpartition(b"\n" + b"-" * 79)[0], policy=policy.default)
    assert (mail["To"], mail["Message-ID"]) == ("asha@people.example", message_id(KEY))
