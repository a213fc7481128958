"""Can the browser, and nobody else, open what is pushed to it, and does the push service know who sends?"""

import json

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256

from healthcare.core import guarded
from healthcare.core.delivery import Message, TryAgain, Undeliverable
from healthcare.core.delivery import push as web_push
from healthcare.core.outside import Answer, Away

SECRET = b"sixteen bytes ok"
MESSAGE = Message(to="", subject="North Clinic", text="Your turn is near", key="c:n:push", language="en")


@pytest.fixture
def browser():
    return ec.generate_private_key(ec.SECP256R1())


@pytest.fixture
def sender():
    key = ec.generate_private_key(ec.SECP256R1()).private_numbers().private_value.to_bytes(32)
    return web_push.Push(web_push.encoded(key))


@pytest.fixture
def calls(monkeypatch):
    """What went to the push services; they answer as the endpoint's last part says."""
    made = []

    def answer(url, *, headers, body, seconds):
        made.append((url, headers, body))
        if url.endswith("away"):
            raise Away
        return Answer(int(url.rpartition("/")[2]), b"")

    monkeypatch.setattr(guarded, "post", answer)
    return made


def address(browser, *answers):
    known = {"public_key": web_push.encoded(web_push.raw(browser.public_key())), "secret": web_push.encoded(SECRET)}
    return json.dumps([{"endpoint": f"https://push.example/{answer}", **known} for answer in answers])


def opened(body, browser, secret=SECRET):
    """As the browser does it (RFC 8291, section 3.4; RFC 8188)."""
    salt, length = body[:16], body[20]
    theirs, sealed = body[21 : 21 + length], body[21 + length :]
    shared = browser.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), theirs))
    info = b"WebPush: info\0" + web_push.raw(browser.public_key()) + theirs
    material = web_push._derived(shared, secret, info, 32)
    key = web_push._derived(material, salt, b"Content-Encoding: aes128gcm\0", 16)
    nonce = web_push._derived(material, salt, b"Content-Encoding: nonce\0", 12)
    plain = AESGCM(key).decrypt(nonce, sealed, None)
    assert plain.endswith(b"\x02")
    return json.loads(plain[:-1])


def to(browser, *answers):
    return Message(**{**MESSAGE.__dict__, "to": address(browser, *answers)})


def test_the_browser_opens_it_and_another_can_not(browser, sender, calls):
    sender.send(to(browser, 201))
    ((_, headers, body),) = calls
    said = opened(body, browser)
    assert (said["title"], said["body"], said["tag"]) == ("North Clinic", "Your turn is near", headers["Topic"])
    with pytest.raises(InvalidTag):
        opened(body, ec.generate_private_key(ec.SECP256R1()))


def test_the_push_service_can_tell_that_it_is_us(browser, sender, calls):
    sender.send(to(browser, 201))
    ((_, headers, _),) = calls
    token, _, key = headers["Authorization"].removeprefix("vapid t=").partition(", k=")
    head, claims, signature = token.split(".")
    given = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), web_push.decoded(key))
    raw = web_push.decoded(signature)
    whole = encode_dss_signature(int.from_bytes(raw[:32]), int.from_bytes(raw[32:]))
    given.verify(whole, f"{head}.{claims}".encode(), ec.ECDSA(SHA256()))
    assert json.loads(web_push.decoded(claims))["aud"] == "https://push.example"
    assert key == web_push.public_key(sender.key)


def test_one_browser_that_takes_it_is_enough(browser, sender, calls):
    assert sender.send(to(browser, 410, "away", 201)).provider_id == calls[0][1]["Topic"]


@pytest.mark.parametrize(("answers", "failure"), [((410, 404), Undeliverable), ((410, 503), TryAgain), (("away",), TryAgain)])
def test_all_gone_is_final_and_a_service_that_is_away_is_not(browser, sender, calls, answers, failure):
    with pytest.raises(failure):
        sender.send(to(browser, *answers))


def test_a_key_that_is_no_point_of_the_curve_is_final(sender, calls):
    known = {"public_key": web_push.encoded(b"\x04" + b"\x00" * 64), "secret": web_push.encoded(SECRET)}
    with pytest.raises(Undeliverable):
        sender.send(Message(**{**MESSAGE.__dict__, "to": json.dumps([{"endpoint": "https://push.example/201", **known}])}))
