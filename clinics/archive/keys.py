"""How do a clinic's keys move to another installation? Opened here, sealed under a passphrase's key.

Without a passphrase no key leaves: the data stay ciphertext, and whoever destroys the keys here erases every export too.
"""

import base64
import hashlib
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import orjson
from django.db import transaction

from clinics.archive import signing
from clinics.archive.bundle import Damaged, Reader
from clinics.archive.rows import Proof
from healthcare.core import crypto
from healthcare.core.crypto import DataKey, Scope, Unreadable
from healthcare.core.db_router import KEYSTORE
from healthcare.core.errors import Refused
from healthcare.core.keystore import keys

MEMBER = "keys.jsonl"


class WrongPassphrase(Refused):
    code = "wrong_passphrase"
    detail = "The passphrase does not open the keys of this archive."


class OtherKeys(Refused):
    code = "other_keys"
    detail = "The key store has other keys of this clinic than the archive; neither is overwritten."


def write(clinic_id: UUID, secret: bytes, put: Callable[[bytes], object]) -> Proof:
    """A line a key, each sealed for itself; destroyed keys are left out."""
    digest, size, count = hashlib.sha256(), 0, 0
    key = DataKey(1, signing.derived(secret, "keys"))
    for scope, found in keys.of_clinic(clinic_id):
        sealed = crypto.seal(found.secret, key, _bound_to(scope, found.generation))
        who = {"kind": scope.kind, "owner": str(scope.owner), "generation": found.generation}
        line = orjson.dumps({**who, "key": base64.b64encode(sealed).decode()}) + b"\n"
        digest.update(line)
        put(line)
        size, count = size + len(line), count + 1
    return Proof(count, size, digest.hexdigest())


def take(reader: Reader, clinic_id: UUID, passphrase: str) -> int:
    """Put the archive's keys into this key store; what was destroyed here stays destroyed. Answers how many were new.

    Raises WrongPassphrase, OtherKeys, Damaged.
    """
    try:
        secret = signing.from_passphrase(passphrase, reader.manifest["passphrase"])
    except (ValueError, KeyError, TypeError):
        raise Damaged("The archive holds no keys, or does not say how they were sealed.") from None
    key = DataKey(1, signing.derived(secret, "keys"))
    with transaction.atomic(using=KEYSTORE):
        try:
            return sum(_took(line, clinic_id, key) for line in _lines(reader.blocks(MEMBER)))
        except keys.OtherKey:
            raise OtherKeys from None
        finally:
            keys.forget()


def _took(line: dict[str, Any], clinic_id: UUID, key: DataKey) -> bool:
    scope, generation = Scope(line["kind"], clinic_id, UUID(line["owner"])), int(line["generation"])
    try:
        plain = crypto.unseal(base64.b64decode(line["key"]), key, _bound_to(scope, generation))
    except Unreadable:
        raise WrongPassphrase from None
    return keys.bring(scope, DataKey(generation, plain))


def _lines(blocks: Iterator[bytes]) -> Iterator[dict[str, Any]]:
    """The clinic's own keys come first: its patients' hang from them."""
    rest = b""
    for block in blocks:
        *lines, rest = (rest + block).split(b"\n")
        yield from (orjson.loads(line) for line in lines)


def _bound_to(scope: Scope, generation: int) -> bytes:
    return crypto.aad(scope, f"export:{generation}", scope.owner or UUID(int=0))
