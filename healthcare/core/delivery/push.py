"""How does a message reach a browser? By Web Push: sealed for that browser (RFC 8291), signed with our own key (RFC 8292)."""

import hashlib
import os
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from urllib.parse import urlsplit

import orjson
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings

from healthcare.core import guarded
from healthcare.core.delivery.base import Message, Receipt, Sender, TryAgain, Undeliverable
from healthcare.core.outside import Away

LIFE = 24 * 3600  # seconds for which the push service keeps it
GONE = (400, 403, 404, 410, 413)  # statuses that speak of this browser or this message
RECORD = 4096


def push() -> Sender | None:
    """The web push sender, where this installation has a key."""
    return Push(settings.VAPID_PRIVATE_KEY) if settings.VAPID_PRIVATE_KEY else None


class Push:
    """`message.to` is a JSON list of browsers, `{endpoint, public_key, secret}`: one that takes it is enough.

    A push service has no memory of keys; the topic lets a second copy replace one that still waits, and the tag one that is
    shown.
    """

    channel = "push"

    def __init__(self, key: str) -> None:
        self.timeout: float = settings.MESSAGE_TIMEOUT
        self.key = ec.derive_private_key(int.from_bytes(decoded(key)), ec.SECP256R1())

    def send(self, message: Message) -> Receipt:
        """Raises TryAgain when none took it and one may yet, Undeliverable when all are gone."""
        topic = encoded(hashlib.sha256(message.key.encode()).digest()[:24])
        told = orjson.dumps(
            {"title": message.subject[:120], "body": message.text[:600], "tag": topic, "lang": message.language}
        )
        codes = [self._one(browser, told, topic) for browser in orjson.loads(message.to)]
        if any(200 <= code < 300 for code in codes):
            return Receipt(topic)
        if all(code in GONE for code in codes):
            raise Undeliverable("push_gone")
        raise TryAgain(f"http_{max(codes)}" if any(codes) else "away")

    def _one(self, browser: dict[str, str], told: bytes, topic: str) -> int:
        """The status the push service answers; 0 for none."""
        endpoint = browser["endpoint"]
        headers = {
            "Authorization": f"vapid t={self._token(endpoint)}, k={public_key(self.key)}",
            "Content-Encoding": "aes128gcm",
            "Content-Type": "application/octet-stream",
            "TTL": str(LIFE),
            "Topic": topic,
            "Urgency": "high",
        }
        try:
            body = sealed(told, decoded(browser["public_key"]), decoded(browser["secret"]))
            return guarded.post(endpoint, headers=headers, body=body, seconds=self.timeout).status
        except guarded.BadTarget:
            return 403
        except ValueError:  # its key is no point of the curve
            return 400
        except Away:
            return 0

    def _token(self, endpoint: str) -> str:
        parts = urlsplit(endpoint)
        claims = {"aud": f"{parts.scheme}://{parts.netloc}", "exp": int(time.time()) + 12 * 3600, "sub": settings.BASE_URL}
        signed = ".".join(encoded(orjson.dumps(part)) for part in ({"typ": "JWT", "alg": "ES256"}, claims))
        r, s = decode_dss_signature(self.key.sign(signed.encode(), ec.ECDSA(SHA256())))
        return f"{signed}.{encoded(r.to_bytes(32) + s.to_bytes(32))}"


def sealed(told: bytes, browsers_key: bytes, secret: bytes) -> bytes:
    """One aes128gcm record that only this browser can open (RFC 8291, section 3). Raises ValueError for a key that is none."""
    own = ec.generate_private_key(ec.SECP256R1())
    theirs = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), browsers_key)
    ours, salt = raw(own.public_key()), os.urandom(16)
    shared = _derived(own.exchange(ec.ECDH(), theirs), secret, b"WebPush: info\0" + browsers_key + ours, 32)
    key = _derived(shared, salt, b"Content-Encoding: aes128gcm\0", 16)
    nonce = _derived(shared, salt, b"Content-Encoding: nonce\0", 12)
    head = salt + RECORD.to_bytes(4) + len(ours).to_bytes(1) + ours
    return head + AESGCM(key).encrypt(nonce, told + b"\x02", None)


def _derived(material: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(SHA256(), length, salt, info).derive(material)


def public_key(key: ec.EllipticCurvePrivateKey) -> str:
    """As browsers take it (`applicationServerKey`)."""
    return encoded(raw(key.public_key()))


def raw(key: ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def encoded(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def decoded(text: str) -> bytes:
    """Raises ValueError."""
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
