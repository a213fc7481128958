"""Which browsers take push for a person? Added by the browser itself, ended by the person, or when the push service says so."""

import hashlib
from uuid import UUID

import orjson
from django.db import transaction

from healthcare.core import guarded
from healthcare.core.tenancy import on_platform
from notifications.notices.models import PushDevice

MOST = 5  # browsers a person is written to; the oldest give way


def add_device(*, user_id: UUID, endpoint: str, public_key: str, secret: str, name: str) -> PushDevice:
    """Remember a browser; the same one again renews it, also for another person. Raises BadTarget."""
    guarded.check(endpoint)
    digest = _digest(endpoint)
    with on_platform(), transaction.atomic():
        PushDevice.objects.filter(digest=digest).delete()
        row = PushDevice(user_id=user_id, digest=digest, endpoint=endpoint, public_key=public_key, secret=secret, name=name)
        row.save(force_insert=True)
        kept = PushDevice.objects.filter(user_id=user_id).order_by("-id").values_list("id", flat=True)[:MOST]
        PushDevice.objects.filter(user_id=user_id).exclude(pk__in=list(kept)).delete()
    return row


def remove_device(*, user_id: UUID, endpoint: str) -> None:
    """A browser of this person's; one that is not there is forgotten already."""
    with on_platform():
        PushDevice.objects.filter(digest=_digest(endpoint), user_id=user_id).delete()


def address_of(*, user_id: UUID) -> str:
    """What the push sender takes as the address: all browsers of the person; empty where there is none."""
    rows = PushDevice.objects.filter(user_id=user_id).order_by("-id")[:MOST]
    known = [{"endpoint": r.endpoint, "public_key": r.public_key, "secret": r.secret} for r in rows]
    return orjson.dumps(known).decode() if known else ""


def _digest(endpoint: str) -> bytes:
    return hashlib.sha256(endpoint.encode()).digest()
