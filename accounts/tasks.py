"""Which work is owed for people signing in? Codes and links that go out; what served its time goes away."""

from uuid import UUID

from django.utils import timezone

from accounts.services import challenges, codes, inviting, lockout, passwords
from healthcare.core.jobs import job


@job("code.send", queue="notification", platform=True)
def send_code(*, challenge_id: str) -> None:
    codes.send(challenge_id=UUID(challenge_id), now=timezone.now())


@job("password.send_link", queue="notification", platform=True)
def send_link(*, challenge_id: str) -> None:
    passwords.send_link(challenge_id=UUID(challenge_id), now=timezone.now())


@job("accounts.prune", queue="clinic-appointment", platform=True)
def prune() -> None:
    now = timezone.now()
    challenges.prune(now=now)
    lockout.prune(now=now)


@job("invitation.send", queue="email", platform=True)
def send_invitation(*, invitation_id: str) -> None:
    inviting.send(invitation_id=UUID(invitation_id), now=timezone.now())
