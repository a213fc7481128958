"""Does a text reach a real HTTP provider as it expects it, once, and is each way of failing told apart in time?"""

import time

import pytest

from healthcare.core import breakers, delivery, env
from healthcare.core.delivery import Message, Template, TryAgain, Undeliverable

KEY = "018f0000-0000-7000-8000-000000000001:sms"
CHANNELS = ("sms", "whatsapp")


def message(**changes):
    words = {"subject": "", "text": "Your time: 10:20 – bis gleich, आशा\n", "template": Template("visit", ("10:20", "आशा"))}
    return Message(**{"to": "+4915112345678", "key": KEY, "language": "hi", **words, **changes})


def test_an_sms_goes_out_as_twilio_takes_it(texts):
    receipt = delivery.send("sms", message())
    (told,) = texts.delivered
    assert receipt.provider_id.startswith("sms-")
    assert told.body == {"To": "+4915112345678", "From": "+15550001111", "Body": "Your time: 10:20 – bis gleich, आशा"}
    assert told.key == KEY


def test_a_messaging_service_is_named_as_one(texts, settings):
    settings.SMS_FROM = "MG0123"
    delivery.send("sms", message())
    assert (texts.delivered[0].body["MessagingServiceSid"], "From" in texts.delivered[0].body) == ("MG0123", False)


def test_a_whatsapp_message_is_the_named_template_with_its_parameters(texts):
    delivery.send("whatsapp", message(template=Template("code", ("123456",), code="123456")))
    (told,) = texts.delivered
    assert told.body == {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": "4915112345678",
        "type": "template",
        "biz_opaque_callback_data": KEY,
        "template": {
            "name": "code",
            "language": {"code": "hi"},
            "components": [
                {"type": "body", "parameters": [{"type": "text", "text": "123456"}]},
                {"type": "button", "sub_type": "url", "index": "0", "parameters": [{"type": "text", "text": "123456"}]},
            ],
        },
    }


def test_whatsapp_says_nothing_without_a_template(texts):
    with pytest.raises(Undeliverable) as told:
        delivery.send("whatsapp", message(template=None))
    assert (told.value.code, texts.calls) == ("no_template", [])


@pytest.mark.parametrize("channel", CHANNELS)
def test_the_same_key_is_delivered_once(texts, channel):
    for _ in range(3):
        delivery.send(channel, message())
    assert (len(texts.calls), len(texts.delivered)) == (3, 1)


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize(
    ("mood", "code"), [("hang", "away"), ("drip", "away"), ("fail", "http_500"), ("busy", "http_429"), ("nonsense", "http_200")]
)
def test_a_provider_that_does_not_take_it_is_tried_again_and_holds_nobody_up(texts, settings, channel, mood, code):
    texts.mood[channel], settings.MESSAGE_TIMEOUT = mood, 0.2
    began = time.monotonic()
    with pytest.raises(TryAgain) as told:
        delivery.send(channel, message())
    assert told.value.code == code
    assert time.monotonic() - began < 10  # dripped for a minute it would be


@pytest.mark.parametrize(("channel", "code"), [("sms", "sms_21211"), ("whatsapp", "whatsapp_recipient_131026")])
def test_a_number_that_the_provider_refuses_is_undeliverable_and_rests_nobody(texts, channel, code):
    texts.mood[channel] = "refuse"
    for _ in range(7):
        with pytest.raises(Undeliverable) as told:
            delivery.send(channel, message())
        assert told.value.code == code
    assert breakers.states()[f"delivery.{channel}"] == "closed"


def test_a_provider_that_answers_twice_is_heard_once(texts):
    texts.mood["sms"] = "twice"
    first, second = (delivery.send("sms", message(key=f"{KEY}{n}")) for n in (1, 2))
    assert first.provider_id != second.provider_id


def test_what_was_answered_too_late_is_not_delivered_again_under_its_key(texts, settings):
    texts.mood["sms"], texts.patience, settings.MESSAGE_TIMEOUT = "late", 0.5, 0.2
    with pytest.raises(TryAgain):
        delivery.send("sms", message())
    settings.MESSAGE_TIMEOUT = 5.0
    delivery.send("sms", message())
    assert len(texts.delivered) == 1


def test_a_provider_that_keeps_hanging_is_left_alone(texts, settings):
    texts.mood["sms"], settings.MESSAGE_TIMEOUT = "hang", 0.05
    codes = []
    for _ in range(7):
        with pytest.raises(TryAgain) as told:
            delivery.send("sms", message())
        codes.append(told.value.code)
    assert codes == ["away"] * 5 + ["resting"] * 2
    delivery.send("whatsapp", message())  # the other provider is none the worse


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize("address", ["", "12345", "asha@people.example", "+49 151", "+49\r\nTo: +1"])
def test_an_address_that_is_no_number_never_leaves(texts, channel, address):
    with pytest.raises(Undeliverable) as told:
        delivery.send(channel, message(to=address))
    assert (told.value.code, texts.calls) == ("address_invalid", [])


def test_in_development_each_text_is_a_file_that_anybody_can_read(settings, tmp_path):
    settings.MESSAGE_FILE_DIR = str(tmp_path / "outbox")
    assert delivery.channels() == ["email", "sms", "whatsapp"]
    for channel in (*CHANNELS, "sms"):
        delivery.send(channel, message())
    files = sorted((tmp_path / "outbox").iterdir())
    assert len(files) == 2
    assert "To: +4915112345678" in files[0].read_text()
    assert "Your time: 10:20" in files[0].read_text()
    assert files[0].stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    "url", ["api.twilio.com", "https://api.twilio.com", "http://a:b@api.twilio.com", "ftp://a:b@localhost"]
)
def test_an_account_without_a_secret_or_over_an_open_line_stops_the_start(monkeypatch, url):
    monkeypatch.setenv("SMS_URL", url)
    with pytest.raises(SystemExit, match="SMS_URL"):
        env.account("SMS_URL")


def test_an_account_does_not_show_its_secret(monkeypatch):
    monkeypatch.setenv("SMS_URL", "https://AC1:very-secret@api.twilio.com/")
    account = env.account("SMS_URL")
    assert (account.base, account.user, account.secret) == ("https://api.twilio.com", "AC1", "very-secret")
    assert "very-secret" not in repr(account)
