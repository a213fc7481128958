"""How does somebody come to work here? Invited by who may give the role, by a link, good once, to the contact it is for."""

import datetime as dt
import hashlib
import hmac
import secrets
from typing import Any, NamedTuple
from uuid import UUID

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.domains.policy import strictest
from accounts.domains.registry import domain_named
from accounts.events import InvitationAccepted, InvitationRevoked, PersonInvited
from accounts.identifiers import plain_identifier
from accounts.membership import Member
from accounts.models import Invitation, Membership, User
from accounts.roles import Role
from accounts.services import granting, people
from accounts.services.passwords import WeakPassword
from accounts.services.people import prove_contact
from accounts.tokens import derived
from healthcare.core import delivery, throttles
from healthcare.core.context import acting
from healthcare.core.delivery import Message, Undeliverable
from healthcare.core.errors import Refused
from healthcare.core.events import publish
from healthcare.core.jobs import enqueue
from healthcare.core.tenancy import on_platform
from healthcare.core.throttles import Limit

LIFE = dt.timedelta(days=7)
LONGEST = dt.timedelta(days=30)
PAGE = "/invitation"  # reads the secret from the address's fragment, which browsers send to nobody
CHANNEL = {"email": "email", "phone": "sms"}
ACCEPT = Limit("accept_invitation", 10, 300, guards=True)
INVITE = Limit("invite", 60, 3600)  # a clinic that hires more than sixty people in an hour waits a little


class BadInvitation(Refused):
    status = 401
    code = "bad_invitation"
    detail = "This invitation was used, taken back, or is too old; ask whoever invited you for another."


class InvitationVoid(Refused):
    code = "invitation_void"
    detail = "Whoever invited you may not give this role any more; ask the clinic for another invitation."


class InvitedAnother(Refused):
    code = "invited_another"
    detail = "This invitation is for somebody else: sign in with the account it was sent to, or sign out."


class SignInFirst(Refused):
    status = 401
    code = "sign_in_first"
    detail = "There is an account with this contact: sign in with it, then accept."


class PasswordNeeded(Refused):
    status = 400
    code = "password_required"
    detail = "Who works here signs in by password: choose one."


class Joined(NamedTuple):
    user: User
    grant: Membership


def invite(
    *,
    role: Role,
    clinic: Any,
    by: Member | None,
    now: dt.datetime,
    email: str | None = None,
    phone: str | None = None,
    language: str = "en",
    life: dt.timedelta = LIFE,
    grant_expires_at: dt.datetime | None = None,
) -> Invitation:
    """Invite a contact; one that is still open for the same role is taken back. `by` None: a command of the operator.

    Raises RoleNotYoursToGive, RoleNotHere, ExpiryPassed, TooMany.
    """
    if by is not None:
        granting.may_be_given(role=role, clinic=clinic, by=by, now=now, expires_at=grant_expires_at)
        throttles.hit(INVITE, str(clinic.id if clinic else "platform"))
    else:
        granting.belongs(role, clinic)
    contact = email or phone or ""
    row = Invitation(
        clinic_id=clinic and clinic.id,
        role=role,
        kind="email" if email else "phone",
        contact=contact,
        language=language,
        salt=secrets.token_bytes(16),
        grant_expires_at=grant_expires_at,
        invited_by_id=by and by.user_id,
        created_at=now,
        expires_at=now + min(life, LONGEST),
    )
    row.digest = _digest(token_of(row))
    with on_platform(), transaction.atomic():
        _take_back_former(row, by, now)
        row.save(force_insert=True)
        publish(PersonInvited(invitation_id=row.id))
        enqueue("invitation.send", key=f"invitation.send:{row.id}", invitation_id=row.id)
    return row


def revoke(*, invitation: Invitation, by: Member | None, now: dt.datetime) -> None:
    """Take it back; one that ended already stays as it is. Raises RoleNotYoursToGive."""
    if by is not None and not granting.may_give(by, Role(invitation.role)):
        raise granting.RoleNotYoursToGive
    with on_platform(), transaction.atomic():
        row = Invitation.objects.select_for_update().get(pk=invitation.pk)
        if row.accepted_at is None and row.revoked_at is None:
            _revoke(row, by and by.user_id, now)


def accept(*, token: str, now: dt.datetime, caller: UUID | None = None, password: str = "", **named: str) -> Joined:
    """Use an invitation, once: by the person it was sent to, signed in, or by somebody new. The link shows that the contact
    reaches them. Raises BadInvitation, InvitationVoid, InvitedAnother, SignInFirst, PasswordNeeded, WeakPassword, RoleHeld."""
    throttles.hit(ACCEPT, acting().address)
    with on_platform(), transaction.atomic():
        row = Invitation.objects.select_for_update(of=("self",)).select_related("clinic").filter(digest=_digest(token)).first()
        if row is None or row.state != Invitation.State.PENDING:
            raise BadInvitation
        _still_given(row, now)
        user = _invited(row, caller, password, named)
        grant = granting.give(
            user=user, role=Role(row.role), clinic=row.clinic, by=row.invited_by_id, now=now, expires_at=row.grant_expires_at
        )
        row.accepted_at, row.accepted_by = now, user
        row.save(update_fields=["accepted_at", "accepted_by"])
        publish(InvitationAccepted(invitation_id=row.id, user_id=user.pk))
    return Joined(user, grant)


def send(*, invitation_id: UUID, now: dt.datetime) -> None:
    """Send the link to the invited contact, in the words of the clinic's domain. Raises TryAgain."""
    row = Invitation.objects.select_related("clinic").filter(pk=invitation_id, sent_at=None).first()
    if row is None or row.state != Invitation.State.PENDING:
        return
    domain, role = domain_named(row.clinic.domain if row.clinic else ""), Role(row.role)
    said = domain.says("invitation", row.language)
    named = {
        "link": link_of(row),
        "role": domain.roles.get(role, role.value),
        "place": row.clinic.name if row.clinic else "Healthcare platform",
        "until": f"{row.expires_at:%Y-%m-%d %H:%M} UTC",
    }
    message = Message(
        to=row.contact,
        subject=said.subject.format(**named),
        text=said.text.format(**named),
        key=f"invitation:{row.pk}",
        language=row.language,
    )
    try:
        delivery.send(CHANNEL[row.kind], message)
    except (Undeliverable, delivery.NoSuchChannel) as error:
        Invitation.objects.filter(pk=row.pk).update(send_failed=getattr(error, "code", "no_channel"))
        return
    Invitation.objects.filter(pk=row.pk).update(sent_at=now, send_failed="")


def token_of(row: Invitation) -> str:
    """The link's secret; found again from the row and a key of the server, so that no job and no table holds it."""
    return hmac.new(derived("invitation"), row.id.bytes + bytes(row.salt), hashlib.sha256).hexdigest()


def link_of(row: Invitation) -> str:
    return f"{settings.BASE_URL.rstrip('/')}{PAGE}#{token_of(row)}"


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode(errors="replace")).digest()


def _take_back_former(row: Invitation, by: Member | None, now: dt.datetime) -> None:
    index = row._meta.get_field("contact_index").digest(Invitation, row.contact, row.index_scope())  # type: ignore[union-attr]
    same = Invitation.objects.pending().filter(contact_index=index, clinic=row.clinic_id, role=row.role)
    for former in same.select_for_update(of=("self",)):
        _revoke(former, by and by.user_id, now)


def _revoke(row: Invitation, by: UUID | None, now: dt.datetime) -> None:
    row.revoked_at, row.revoked_by = now, by
    row.save(update_fields=["revoked_at", "revoked_by"])
    publish(InvitationRevoked(invitation_id=row.id))


def _still_given(row: Invitation, now: dt.datetime) -> None:
    """Who invited may still give the role today: an invitation does not outlive the right it was given by."""
    granting.belongs(Role(row.role), row.clinic)
    if row.grant_expires_at is not None and row.grant_expires_at <= now:
        raise BadInvitation
    if row.invited_by_id is None:
        return
    held = granting.roles_of(row.invited_by_id, row.clinic)
    if not granting.may_give(Member(row.invited_by_id, row.clinic_id, held), Role(row.role)):
        raise InvitationVoid


def _invited(row: Invitation, caller: UUID | None, password: str, named: dict[str, str]) -> User:
    """The person this invitation is for: the caller, if the contact is theirs, or somebody new."""
    owner = User.objects.with_identifier(row.contact).first()
    if caller is not None:
        me = User.objects.get(pk=caller)
        mine = [plain_identifier(contact) for contact in (me.email, me.phone) if contact]
        if plain_identifier(row.contact) not in mine or (owner is not None and owner.pk != me.pk):
            raise InvitedAnother
        if owner is None:  # they only claimed it so far; the link shows that it reaches them
            prove_contact(user=me, kind=row.kind, address=plain_identifier(row.contact))
            me.refresh_from_db()
        return me
    if owner is not None:
        raise SignInFirst
    _strong_enough(row, password)
    return people.register(**{row.kind: row.contact}, password=password, language=row.language, **named)


def _strong_enough(row: Invitation, password: str) -> None:
    policy = strictest([(row.clinic.domain if row.clinic else None, Role(row.role))])
    if not password:
        raise PasswordNeeded
    try:
        validate_password(password)
    except ValidationError:
        raise WeakPassword from None
    if len(password) < policy.password_min_length:
        raise WeakPassword
