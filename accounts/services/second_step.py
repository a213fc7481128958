"""Of whom is a second step asked? Of who has one, and of whom policy wants it once their time of grace is over."""

import datetime as dt
from uuid import UUID

from django.conf import settings

from accounts.domains.policy import policy_of
from accounts.models import Membership, Totp
from accounts.roles import STAFF_ROLES
from healthcare.core.tenancy import on_platform


def has(user_id: UUID) -> bool:
    """Whether the person's authenticator counts."""
    with on_platform():
        return Totp.objects.filter(user_id=user_id, confirmed_at__isnull=False).exists()


def asked_of(user_id: UUID, *, now: dt.datetime) -> bool:
    """Whether policy wants a second step of them by now: the installation's switch is on, a domain of theirs asks for it,
    and they have been staff for longer than the grace."""
    if settings.MFA_POLICY != "required" or not policy_of(user_id).mfa_required:
        return False
    with on_platform():
        held = Membership.objects.current().filter(user_id=user_id, role__in=[r.value for r in STAFF_ROLES])
        since = held.order_by("granted_at").values_list("granted_at", flat=True).first()
    return since is not None and now - since >= dt.timedelta(seconds=settings.MFA_GRACE)
