"""How does a person come to exist, join a clinic and change what is known of them?"""

import datetime as dt
from collections.abc import Sequence
from contextlib import suppress
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.events import ContactProven, PersonDeactivated, PersonJoinedClinic, PersonReactivated, PersonRegistered
from accounts.models import Membership, User
from accounts.roles import Role
from healthcare.core.context import acting, acting_as
from healthcare.core.errors import Refused, refusing
from healthcare.core.events import publish
from healthcare.core.tenancy import in_clinic, on_platform

KINDS = ("email", "phone")  # of contacts


class IdentifierTaken(Refused):
    code = "identifier_taken"
    detail = "Somebody is registered with this email or phone number; sign in, or reset the password."


class Unreachable(Refused):
    code = "unreachable"
    detail = "Keep an email address or a phone number: there must be a way to reach you."


class AlreadyMember(Refused):
    code = "already_member"
    detail = "You are a patient of this clinic already."


def register(
    *,
    email: str | None = None,
    phone: str | None = None,
    password: str | None = None,
    first_name: str = "",
    last_name: str = "",
    date_of_birth: dt.date | None = None,
    language: str = "en",
    zone: str = "",
    code_channels: Sequence[str] = (),
    clinic: Any = None,
    pending: bool = False,
) -> User:
    """A person comes to exist; with a clinic, also as its patient. Raises IdentifierTaken.

    `pending`: they only say that these contacts are theirs, and the answer must not tell whether they are somebody else's.
    Until one is proven by a code nobody is found by it, and it is refused to nobody.
    """
    user = User(
        email=email or None,
        phone=phone or None,
        first_name=first_name,
        last_name=last_name,
        date_of_birth=date_of_birth,
        language=language,
        zone=zone,
        code_channels=list(code_channels),
        email_pending=pending and bool(email),
        phone_pending=pending and bool(phone),
    )
    user.set_password(password)
    # who signs up acts for themself: there is nobody else to name in the trail
    with on_platform(), transaction.atomic(), acting_as(actor_id=acting().actor_id or user.id):
        with refusing("user_email_once", IdentifierTaken), refusing("user_phone_once", IdentifierTaken):
            user.save(force_insert=True)
        publish(PersonRegistered(user_id=user.id))
        if clinic is not None:
            join_clinic(user=user, clinic=clinic)
    return user


def join_clinic(*, user: User, clinic: Any) -> Membership:
    """A person becomes a clinic's patient: a membership, and (told by the event) a chart. Raises AlreadyMember."""
    with transaction.atomic():
        with on_platform(), refusing("membership_once", AlreadyMember):
            membership = Membership(user=user, clinic_id=clinic.id, role=Role.PATIENT)
            membership.save(force_insert=True)
        with in_clinic(clinic):
            publish(PersonJoinedClinic(user_id=user.id))
    return membership


def grant(*, user: User, role: Role, clinic: Any = None, by: User | None = None, expires_at: dt.datetime | None = None) -> None:
    """Give a role, once, with nobody to ask whether it may be given: for commands. People give one by `granting.grant`."""
    from accounts.services.granting import RoleHeld, give

    with suppress(RoleHeld):
        give(user=user, role=role, clinic=clinic, by=by and by.pk, now=timezone.now(), expires_at=expires_at)


def change_profile(*, user: User, **changes: Any) -> User:
    """Change one's own names, contacts, language or zone. A new contact is pending until a code proves it: so it tells
    nobody whether it is somebody else's. Raises Unreachable."""
    with on_platform(), transaction.atomic():
        for name, value in changes.items():
            if name in KINDS and _plain(name, value) != _plain(name, getattr(user, name)):
                setattr(user, f"{name}_pending", bool(value))
            setattr(user, name, value)
        with refusing("user_reachable", Unreachable):
            user.save()
    return user


def changes_contact(user: User, changes: dict[str, Any]) -> bool:
    """Whether these changes give the person another email address or phone number."""
    return any(_plain(name, changes[name]) != _plain(name, getattr(user, name)) for name in KINDS if name in changes)


def claimant(*, user_id: UUID, identifier: str) -> User | None:
    """The person, if this is a contact of theirs that is still to be proven. `identifier` in plain form."""
    with on_platform():
        user = User.objects.filter(pk=user_id, is_active=True).first()
    kind = "email" if "@" in identifier else "phone"
    claims = user is not None and getattr(user, f"{kind}_pending") and _plain(kind, getattr(user, kind)) == identifier
    return user if claims else None


def prove_contact(*, user: User, kind: str, address: str) -> User | None:
    """The person whom this address reaches, now that it was shown: whose it was before, else who claimed it; None when it
    is not their contact any more."""
    with on_platform(), transaction.atomic():
        owner = User.objects.with_identifier(address).first()
        if owner is not None:
            return owner if owner.is_active else None
        user = User.objects.select_for_update().get(pk=user.pk)
        if _plain(kind, getattr(user, kind)) != address:
            return None
        setattr(user, f"{kind}_pending", False)
        setattr(user, kind, getattr(user, kind))  # so that its index is made anew
        with refusing(f"user_{kind}_once", IdentifierTaken):
            user.save()
        publish(ContactProven(user_id=user.id, kind=kind))
    return user


def deactivate(*, user: User, by: Any) -> None:
    """Nobody signs in as this person any more; their sessions and sockets end within two seconds."""
    from accounts.services.sessions import end_all_sessions

    with on_platform(), transaction.atomic():
        user.is_active = False
        user.save(update_fields=["is_active"])
        end_all_sessions(user_id=user.pk, why="deactivated")
        publish(PersonDeactivated(user_id=user.pk, by=by))


def reactivate(*, user: User, by: Any) -> None:
    with on_platform(), transaction.atomic():
        user.is_active = True
        user.save(update_fields=["is_active"])
        publish(PersonReactivated(user_id=user.pk, by=by))


def _plain(kind: str, value: str | None) -> str:
    return getattr(User, f"plain_{kind}")(value) if value else ""
