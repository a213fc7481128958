"""Is every forged token refused? The cases of RFC 7515 and RFC 8725, against a token of ours that is accepted."""

import base64
import datetime as dt
import hashlib
import hmac
import json
import time
from io import StringIO

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings
from django.core.management import call_command
from django.utils import timezone

from accounts import signing, tokens
from accounts.services.sessions import Device, open_session
from accounts.tokens import NotSignedIn
from healthcare.core.keystore import keys
from healthcare.core.keystore.models import WrappedKey
from healthcare.tests import make

pytestmark = pytest.mark.django_db
RSA = rsa.generate_private_key(65537, 2048)
EC = ec.generate_private_key(ec.SECP256R1())
# RFC 7515 A.1.1: an HS256 key and token of the standard itself
A1_KEY = "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"
A1_TOKEN = (
    "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19y"
    "b290Ijp0cnVlfQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
)


def b64(data):
    return base64.urlsafe_b64encode(data if isinstance(data, bytes) else json.dumps(data).encode()).decode().rstrip("=")


@pytest.fixture
def session():
    return open_session(user=make.person(), device=Device("test", "127.0.0.1")).session


@pytest.fixture
def claims(session):
    now = int(time.time())
    who = {"typ": "access", "sub": str(session.user_id), "sid": str(session.id)}
    return {**who, "iss": "healthcare", "aud": "healthcare-api", "iat": now, "exp": now + 600}


def header(**changes):
    return {"alg": "HS256", "typ": "at+jwt", "kid": str(signing.newest().generation), **changes}


def secret():
    return hmac.new(signing.newest().secret, b"token:access", hashlib.sha256).hexdigest().encode()


def mac(head, body, key, algorithm=hashlib.sha256):
    signed = f"{b64(head)}.{b64(body)}"
    return f"{signed}.{b64(hmac.new(key, signed.encode(), algorithm).digest())}"


def refused(token):
    with pytest.raises(NotSignedIn):
        tokens.read_access(token)
    return True


def test_what_the_forgeries_start_from_is_accepted(claims, session):
    assert tokens.read_access(mac(header(), claims, secret())).session_id == session.id
    assert tokens.read_access(tokens.access_token(session)).user_id == session.user_id


def test_our_hmac_is_that_of_rfc_7515():
    key = base64.urlsafe_b64decode(A1_KEY + "==")
    signed, _, signature = A1_TOKEN.rpartition(".")
    assert b64(hmac.new(key, signed.encode(), hashlib.sha256).digest()) == signature
    assert refused(A1_TOKEN)


@pytest.mark.parametrize("alg", ["none", "None", "NONE", "nOnE", "", None, 0, ["HS256"]])
def test_nothing_unsigned_is_accepted(claims, alg):
    assert refused(f"{b64(header(alg=alg))}.{b64(claims)}.")
    assert refused(mac(header(alg=alg), claims, secret()))


@pytest.mark.parametrize(("alg", "algorithm"), [("HS384", hashlib.sha384), ("HS512", hashlib.sha512)])
def test_no_other_algorithm_is_accepted_with_the_right_key(claims, alg, algorithm):
    assert refused(mac(header(alg=alg), claims, secret(), algorithm))


@pytest.mark.parametrize(("alg", "key"), [("RS256", RSA), ("PS256", RSA), ("ES256", EC)])
def test_no_asymmetric_signature_is_accepted(claims, alg, key):
    assert refused(jwt.encode(claims, key, alg, headers={"kid": header()["kid"], "typ": "at+jwt"}))


@pytest.mark.parametrize("form", [PublicFormat.SubjectPublicKeyInfo, PublicFormat.PKCS1])
def test_a_public_key_is_no_hmac_key(claims, form):
    assert refused(mac(header(), claims, RSA.public_key().public_bytes(Encoding.PEM, form)))


@pytest.mark.parametrize("key", [b"", b" ", b"\x00", b"0" * 32, b"secret", b"healthcare", b"null", b"None"])
def test_a_blank_or_guessable_secret_signs_nothing(claims, key):
    assert refused(mac(header(), claims, key))


def test_the_servers_other_keys_sign_no_access_token(claims):
    others = [
        settings.SECRET_KEY.encode(),
        signing.newest().secret,
        *map(tokens.derived, ("access", "refresh", "code", "link")),
    ]
    assert all(refused(mac(header(), claims, key)) for key in others)


KIDS = [
    "0", "-1", "01", "1.0", "1 ", " 1", "1\n", "١", "99999", "999999", "1e0", "0x1",
    "../../../../dev/null", "/dev/null", "1' OR '1'='1", "1 UNION SELECT 'x'", "http://evil.example/key", "1;id", "",
    1, None, True, [], ["1"], {"1": 1},
]  # fmt: skip


@pytest.mark.parametrize("kid", KIDS)
def test_a_kid_is_a_number_of_ours_or_nothing(claims, kid):
    for key in (secret(), b"", b"\x00"):
        assert refused(mac(header(kid=kid), claims, key))


def test_an_unknown_kid_costs_no_query_each(claims, django_assert_max_num_queries):
    with django_assert_max_num_queries(1, using="keystore"):
        for kid in range(50, 80):
            refused(mac(header(kid=str(kid)), claims, secret()))


@pytest.mark.parametrize(
    "more",
    [
        {"jwk": {"kty": "oct", "k": "AA"}},
        {"jku": "https://evil.example/keys"},
        {"x5u": "https://evil.example/cert"},
        {"x5c": ["AA"]},
        {"crit": ["exp"]},
        {"crit": ["b64"], "b64": False},
        {"cty": "JWT"},
        {"zip": "DEF"},
    ],
)
def test_a_header_that_says_more_than_ours_is_refused_even_with_the_right_key(claims, more):
    assert refused(mac(header(**more), claims, secret()))


@pytest.mark.parametrize("typ", ["JWT", "jwt", "refresh+jwt", "", None, "AT+JWT "])
def test_another_type_of_token_is_refused(claims, typ):
    assert refused(mac(header(typ=typ), claims, secret()))


@pytest.mark.parametrize(
    "changes",
    [
        {"exp": 1},
        {"exp": None},
        {"exp": "tomorrow"},
        {"exp": float("inf")},
        {"iss": "elsewhere"},
        {"iss": ["healthcare"]},
        {"aud": "another-api"},
        {"aud": []},
        {"typ": "refresh"},
        {"typ": None},
        {"nbf": 9_999_999_999},
        {"iat": 9_999_999_999},
        {"sub": "nobody"},
        {"sub": {"a": 1}},
        {"sid": None},
        {"sid": [1]},
    ],
)
def test_claims_that_are_not_ours_are_refused(claims, changes):
    assert refused(mac(header(), {**claims, **changes}, secret()))


@pytest.mark.parametrize("missing", ["exp", "iss", "aud", "typ", "sub", "sid"])
def test_a_claim_that_is_missing_is_refused(claims, missing):
    del claims[missing]
    assert refused(mac(header(), claims, secret()))


def test_what_was_tampered_with_is_refused(session):
    head, body, signature = tokens.access_token(session).split(".")
    flipped = signature[:-2] + ("AA" if signature[-2:] != "AA" else "BB")
    for parts in (
        (head, body, flipped),
        (head, b64({"sub": "x"}), signature),
        (head, body, ""),
        (head, body),
        ("", body, signature),
    ):
        assert refused(".".join(parts))


DEEP = b"[" * 600


@pytest.mark.parametrize(
    "token",
    [
        "",
        ".",
        "..",
        "...",
        "a.b.c",
        "é.é.é",
        f"{b64(DEEP)}.e30.e30",
        f"e30.{b64(DEEP)}.e30",
        "a" * 100_000,
        "\ud800.x.y",
        "e30.e30.e30",
    ],
)
def test_nonsense_is_refused_and_nothing_breaks(token):
    assert refused(token)


class TestRotation:
    @pytest.fixture(autouse=True)
    def _first(self):
        signing.newest()
        yield
        keys.forget()
        signing.forget()

    def age(self, generation, **ago):
        WrappedKey.objects.filter(kind=signing.SCOPE.kind, generation=generation).update(
            created_at=timezone.now() - dt.timedelta(**ago)
        )
        signing.forget()

    def test_what_the_former_key_signed_holds_until_it_would_have_ended(self, session):
        old = tokens.access_token(session)
        number = signing.rotate()
        assert tokens.read_access(old).session_id == session.id
        new = tokens.access_token(session)
        assert jwt.get_unverified_header(new)["kid"] == str(number)
        self.age(number, minutes=18)
        assert refused(old)
        assert tokens.read_access(new).session_id == session.id

    def test_two_keys_ago_is_too_long_ago(self, session):
        old = tokens.access_token(session)
        signing.rotate()
        signing.rotate()
        assert refused(old)

    def test_at_once_means_at_once(self, session):
        old = tokens.access_token(session)
        call_command("rotate_keys", "signing", retire=True, stdout=StringIO())
        assert refused(old)
        assert tokens.read_access(tokens.access_token(session)).session_id == session.id

    def test_sessions_outlive_a_rotation(self):
        from accounts.services import sessions

        made = open_session(user=make.person(), device=Device("test", "127.0.0.1"))
        call_command("rotate_keys", "signing", retire=True, stdout=StringIO())
        again = sessions.refresh(token=made.refresh, device=Device("test", "127.0.0.1"))
        assert tokens.read_access(again.access).session_id == made.session.id
