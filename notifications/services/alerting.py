"""Who is told of what concerns the account or the installation? The person; whoever runs it."""

import datetime as dt
from uuid import UUID

from accounts.models import Membership, Session
from accounts.roles import Role
from healthcare.core.jobs import enqueue
from healthcare.core.tenancy import on_platform
from notifications.services.telling import tell_account

OPERATORS = (Role.SUPER_ADMIN, Role.SYSTEM_ADMIN)
NEW_SIGN_IN, OF_DEAD_JOB = "notice.sign_in", "notice.job_died"


def tell_of_sign_in(*, session_id: UUID) -> bool:
    """Tell the person, unless the device has signed in before, or nobody ever did: who registers knows it."""
    session = Session.objects.filter(pk=session_id).first()
    if session is None:
        return False
    others = Session.objects.filter(user_id=session.user_id, created_at__lt=session.created_at)
    if not others.exists() or others.filter(device_mark=session.device_mark).exists():
        return False
    tell_account(message="new_sign_in", user_id=session.user_id, about={"session": session.id})
    return True


def owe_alert(*, job_id: UUID, queue: str, now: dt.datetime) -> None:
    """One alert a queue and hour, however many jobs die in it: the dashboard has them all."""
    with on_platform():
        enqueue(OF_DEAD_JOB, key=f"{OF_DEAD_JOB}:{queue}:{now:%Y%m%d%H}", job_id=job_id)


def tell_operators(*, job_id: UUID) -> int:
    """Answers how many were told."""
    return tell_holders(message="job_died", roles=OPERATORS, about={"job": job_id})


def tell_holders(*, message: str, roles: tuple[Role, ...], about: dict[str, UUID], clinic_id: UUID | None = None) -> int:
    """Everybody who holds one of the roles, on the platform or in a clinic (then from inside it)."""
    with on_platform():
        held = Membership.objects.current().filter(clinic=clinic_id, role__in=roles, user__is_active=True)
        people = sorted(set(held.values_list("user_id", flat=True)))
    for user_id in people:
        tell_account(message=message, user_id=user_id, about=about)
    return len(people)
