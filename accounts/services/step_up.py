"""Is it still the person who signed in? What is dear wants them to have shown it a moment ago.

    step_up.require(request.auth)          # in a view, before its verb: 403 `step_up_required`

They show it by `POST /auth/step-up`: the authenticator's code if they have one, else their password, else a code that is sent.
"""

import datetime as dt
from uuid import UUID

from django.utils import timezone

from accounts import signed_in
from accounts.models import Session, User
from accounts.services import otp, passwords, second_step, totp
from accounts.signed_in import SignedIn
from healthcare.core.errors import Refused
from healthcare.core.tenancy import on_platform

RECENT = dt.timedelta(minutes=10)


class StepUpRequired(Refused):
    status = 403
    code = "step_up_required"
    detail = "Show once more who you are (POST /auth/step-up), then do it again."


class WrongProof(Refused):
    status = 403
    code = "wrong_proof"
    detail = "Give your authenticator's code if you have one, else your password, else a code that was sent to you."


def require(who: SignedIn, *, now: dt.datetime | None = None, within: dt.timedelta = RECENT) -> None:
    """Raises StepUpRequired unless the person showed who they are within the last minutes, in this very session."""
    if who.proven_at is None or (now or timezone.now()) - who.proven_at > within:
        raise StepUpRequired


def prove(
    *, user: User, session_id: UUID, password: str = "", code: str = "", challenge: UUID | None = None, now: dt.datetime
) -> None:
    """Show it once more. Raises WrongProof, WrongPassword, BadCode, LockedOut, TooMany."""
    if second_step.has(user.pk):
        if not code or challenge is not None:
            raise WrongProof
        totp.check(user_id=user.pk, code=code, now=now)
    elif challenge is not None:
        if otp.verify(challenge_id=challenge, code=code, now=now).pk != user.pk:
            raise otp.BadCode
    elif password:
        passwords.prove_present(user=user, password=password)
    else:
        raise WrongProof
    with on_platform():
        Session.objects.filter(pk=session_id).update(proven_at=now)
    signed_in.forget(session_id)
