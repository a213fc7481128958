"""By which way does a code reach its person? The one asked for, or their own order until one takes it; the same code on all.

A provider that fails, hangs or rests is passed over. One that took the message though it seemed not to costs a second copy
of the same code: of one challenge never two codes work.
"""

import datetime as dt
from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings

from accounts.domains.policy import Policy, policy_of
from accounts.domains.registry import domain_named
from accounts.models import Challenge, Membership, User
from accounts.onetime import sent_code
from accounts.services.challenges import LIFE, Purpose
from healthcare.core import delivery
from healthcare.core.delivery import Message, Template, TryAgain, Undeliverable, budget
from healthcare.core.tenancy import on_platform

KIND_OF = {"email": "email", "sms": "phone", "whatsapp": "phone"}  # channel: the contact that it needs


class Way(NamedTuple):
    channel: str
    address: str


def send(*, challenge_id: UUID, now: dt.datetime) -> None:
    """Send it, if it still counts and is anybody's. Raises TryAgain when no way was open."""
    row = Challenge.objects.select_related("user").filter(pk=challenge_id, ended_at=None, sent_at=None).first()
    if row is None or row.user is None or not row.user.is_active or row.expires_at <= now:
        return
    policy, failed = policy_of(row.user.pk), False
    for way in ways(row, row.user, policy):
        try:
            budget.spend(way.channel, way.address)
            delivery.send(way.channel, words(row, row.user, policy, way))
        except Undeliverable:
            continue
        except TryAgain:
            failed = True
            continue
        Challenge.objects.filter(pk=row.pk).update(sent_at=now, sent_by=way.channel)
        return
    if failed:
        raise TryAgain("no_way_open")


def ways(row: Challenge, user: User, policy: Policy) -> Iterator[Way]:
    """Those that are set up and lead to an address of theirs: the one asked for, or all in the person's order."""
    for channel in [row.channel] if row.channel != "auto" else order(user, policy):
        kind = KIND_OF[channel]
        if row.purpose == Purpose.CONTACT:
            address = row.address if row.kind == kind else None
        else:
            address = None if getattr(user, f"{kind}_pending") else getattr(user, kind)
        if address and delivery.sender(channel) is not None:
            yield Way(channel, address)


def order(user: User, policy: Policy) -> list[str]:
    """The person's own order, then what their domain allows besides."""
    chosen = [channel for channel in user.code_channels if channel in policy.otp_channels]
    return list(dict.fromkeys([*chosen, *policy.otp_channels]))


def words(row: Challenge, user: User, policy: Policy, way: Way) -> Message:
    code = sent_code(row)
    said = domain_named(policy.domains[0]).says("otp", user.language)
    minutes = int(LIFE[Purpose(row.purpose)].total_seconds() // 60)
    named = {"code": code, "minutes": minutes, "place": place_of(user)}
    return Message(
        to=way.address,
        subject=said.subject.format(**named),
        text=said.text.format(**named),
        key=f"code:{row.pk}:{way.channel}",
        language=user.language,
        template=Template(settings.WHATSAPP_CODE_TEMPLATE, (code,), code=code),
    )


def place_of(user: User) -> str:
    """Who writes to this person: their clinic, or this installation where they have none or several."""
    with on_platform():
        names = list(
            Membership.objects.current().filter(user=user, clinic__isnull=False).values_list("clinic__name", flat=True)
        )
    return names[0] if len(set(names)) == 1 else urlsplit(settings.BASE_URL).hostname or "healthcare"
