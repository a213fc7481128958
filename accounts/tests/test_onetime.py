"""Are the codes those of the RFCs, and is each found only where it belongs?"""

import datetime as dt
import hashlib
from types import SimpleNamespace

import pytest

from accounts import onetime
from healthcare.core.ids import new_id

SEED = b"12345678901234567890"
RFC_4226_D = ("755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489")
RFC_6238_B = (  # time, algorithm, eight digits
    (59, hashlib.sha1, "94287082"),
    (59, hashlib.sha256, "46119246"),
    (59, hashlib.sha512, "90693936"),
    (1111111109, hashlib.sha1, "07081804"),
    (1111111109, hashlib.sha256, "68084774"),
    (1111111109, hashlib.sha512, "25091201"),
    (1111111111, hashlib.sha1, "14050471"),
    (1111111111, hashlib.sha256, "67062674"),
    (1111111111, hashlib.sha512, "99943326"),
    (1234567890, hashlib.sha1, "89005924"),
    (1234567890, hashlib.sha256, "91819424"),
    (1234567890, hashlib.sha512, "93441116"),
    (2000000000, hashlib.sha1, "69279037"),
    (2000000000, hashlib.sha256, "90698825"),
    (2000000000, hashlib.sha512, "38618901"),
    (20000000000, hashlib.sha1, "65353130"),
    (20000000000, hashlib.sha256, "77737706"),
    (20000000000, hashlib.sha512, "47863826"),
)


def at(seconds):
    return dt.datetime.fromtimestamp(seconds, dt.UTC)


@pytest.mark.parametrize(("counter", "code"), enumerate(RFC_4226_D))
def test_hotp_is_that_of_rfc_4226(counter, code):
    assert onetime.hotp(SEED, counter) == code


@pytest.mark.parametrize(("seconds", "algorithm", "code"), RFC_6238_B)
def test_totp_is_that_of_rfc_6238(seconds, algorithm, code):
    seed = (SEED * 4)[: algorithm().digest_size if algorithm is not hashlib.sha1 else 20]
    assert onetime.hotp(seed, onetime.step_at(at(seconds)), digits=8, algorithm=algorithm) == code


@pytest.mark.parametrize(("late", "found"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_clock_may_be_one_step_wrong(late, found):
    now = at(1_800_000_015)
    code = onetime.hotp(SEED, onetime.step_at(now))
    assert (onetime.step_of(code, SEED, now + dt.timedelta(seconds=30 * late)) is not None) == found


@pytest.mark.parametrize("code", ["", "12345", "1234567", "٣٥٩١٥٢", "abcdef", "\ud800"])
def test_what_is_no_code_is_none(code):
    assert onetime.step_of(code, SEED, at(59)) is None


def test_a_sent_code_is_six_digits_of_this_challenge_alone():
    first, second = (SimpleNamespace(id=new_id(), salt=b"salt") for _ in range(2))
    assert onetime.sent_code(first) == onetime.sent_code(first)
    assert len(onetime.sent_code(first)) == 6
    assert onetime.digest_of("123456", first.id.bytes) != onetime.digest_of("123456", second.id.bytes)


def test_sent_codes_spread_evenly_over_their_digits():
    codes = [onetime.sent_code(SimpleNamespace(id=new_id(), salt=b"")) for _ in range(4000)]
    counts = [sum(code[place] == digit for code in codes) for place in range(6) for digit in "0123456789"]
    assert min(counts) > 300 and max(counts) < 500  # five standard deviations
    assert len(set(codes)) > 3900


def test_an_enrolment_says_what_authenticator_apps_read():
    secret = onetime.new_secret()
    assert len(secret) == 32
    assert onetime.uri(secret, "a b@people.example") == (
        f"otpauth://totp/Healthcare%3Aa%20b%40people.example?secret={secret}&issuer=Healthcare&digits=6&period=30"
    )
