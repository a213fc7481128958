"""Was this very call made before? An Idempotency-Key makes an unsafe call happen once; its answer is kept, sealed, for a day.

The key's row is written in the transaction of the change: a call that did not commit left nothing behind. Two calls at
once with one key wait for each other. Answers that are refusals are not kept: the next try is judged afresh, and what
a refusal itself wrote (a session ended, a try counted) stays written, as it does without a key.
"""

import hashlib
from typing import Any
from uuid import UUID

import orjson
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404
from rest_framework.exceptions import APIException
from rest_framework.response import Response

from healthcare.core import crypto
from healthcare.core.context import acting
from healthcare.core.errors import Malformed, Refused
from healthcare.core.keystore import keys
from healthcare.core.keystore.rotation import Order, reseals
from healthcare.core.models import StoredAnswer
from healthcare.core.tenancy import on_platform

KEPT_HEADERS = ("ETag", "Location")
ANSWER_ROW = UUID(int=0)
REFUSALS = (Refused, APIException, Http404, PermissionDenied)


class KeyReused(Refused):
    code = "idempotency_key_reused"
    detail = "This Idempotency-Key was used for another request."


def key_of(request: Any) -> bytes | None:
    """Digest of caller, method, path, clinic and key; None without the header. Raises Malformed."""
    given = request.headers.get("Idempotency-Key")
    if given is None or request.method in ("GET", "HEAD", "OPTIONS"):
        return None
    if not 1 <= len(given) <= 200:
        raise Malformed("Idempotency-Key has 1 to 200 characters.")
    return key_for(request, given)


def key_for(request: Any, given: str) -> bytes:
    """Digest of caller, method, path, clinic and what the caller calls this call: a header, or what a page carries."""
    person = getattr(request.user, "pk", None)
    # who is no person is told apart by address and by what they prove themselves with (a screen's secret)
    who = (str(person), "") if person else (acting().address, request.headers.get("Authorization", ""))
    named = request.headers.get("X-Clinic-ID", ""), request.get_host()
    return _digest(*who, str(request.method), request.path, *named, given)


def once(key: bytes, data: Any, call: Any) -> Response:
    """The stored answer of `key`, or the answer of `call()`, stored. Raises KeyReused for other `data`."""
    fingerprint, refused = _fingerprint(data), None
    with transaction.atomic():
        with on_platform():
            StoredAnswer.objects.bulk_create([StoredAnswer(key=key, fingerprint=fingerprint)], ignore_conflicts=True)
            row = StoredAnswer.objects.select_for_update().get(key=key)
        if bytes(row.fingerprint) != fingerprint:
            raise KeyReused
        if row.status is not None:
            return _stored(row)
        try:
            response: Response = call()
        except REFUSALS as error:
            if transaction.get_connection().needs_rollback:
                raise
            refused, response = error, Response(status=409)
        with on_platform():
            _keep(row, response)
    if refused is not None:  # only now: raised inside, it would undo what it wrote
        raise refused
    return response


def _fingerprint(data: Any) -> bytes:
    try:
        return _digest(orjson.dumps(data, default=_told, option=orjson.OPT_SORT_KEYS).decode())
    except orjson.JSONEncodeError:
        raise Malformed("The body is nested too deeply.") from None


def _told(value: Any) -> str:
    """What is no JSON: a file by its content, the rest as text."""
    if not hasattr(value, "chunks"):
        return str(value)
    found = hashlib.sha256(b"".join(value.chunks())).hexdigest()
    value.seek(0)
    return found


def _keep(row: StoredAnswer, response: Response) -> None:
    if not 200 <= response.status_code < 300:
        StoredAnswer.objects.filter(key=row.key).delete()
        return
    plain = orjson.dumps(response.data, default=str)
    row.status = response.status_code
    row.body = crypto.seal(plain, keys.newest(crypto.PLATFORM), _bound(row))
    row.headers = {name: response[name] for name in KEPT_HEADERS if name in response}
    row.save(update_fields=["status", "body", "headers"])


def _stored(row: StoredAnswer) -> Response:
    sealed = bytes(row.body or b"")
    key = keys.exact(crypto.PLATFORM, crypto.generation_of(sealed))
    headers = {**row.headers, "Idempotency-Replayed": "true"}
    return Response(orjson.loads(crypto.unseal(sealed, key, _bound(row))), status=row.status, headers=headers)


@reseals
def renew_answers(kind: str, order: Order) -> int:
    """Kept answers, under the platform's newest key; one that was replaced or pruned meanwhile is left."""
    if kind != "platform":
        return 0
    done = 0
    with on_platform():
        newest = keys.newest(crypto.PLATFORM)
        for row in StoredAnswer.objects.exclude(body=None).only("key", "body").iterator(chunk_size=500):
            sealed = bytes(row.body or b"")
            if (generation := crypto.generation_of(sealed)) < newest.generation:
                plain = crypto.unseal(sealed, keys.exact(crypto.PLATFORM, generation), _bound(row))
                anew = crypto.seal(plain, newest, _bound(row))
                done += StoredAnswer.objects.filter(key=row.key, body=row.body).update(body=anew)
    return done


def _bound(row: StoredAnswer) -> bytes:
    return crypto.aad(crypto.PLATFORM, "stored_answer.body", ANSWER_ROW) + bytes(row.key)


def _digest(*parts: str) -> bytes:
    return hashlib.sha256("\x1f".join(parts).encode(errors="replace")).digest()
