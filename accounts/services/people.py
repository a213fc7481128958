"""How does a person come to exist, join a clinic and change what is known of them?"""

import datetime as dt
from contextlib import suppress
from typing import Any

from django.db import transaction

from accounts.events import PersonJoinedClinic, PersonRegistered
from accounts.models import Membership, User
from accounts.roles import Role
from healthcare.core.context import acting, acting_as
from healthcare.core.errors import Refused, refusing
from healthcare.core.events import publish
from healthcare.core.tenancy import in_clinic, on_platform


class IdentifierTaken(Refused):
    code = "identifier_taken"
    detail = "Somebody is registered with this email or phone number; sign in, or reset the password."


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
    clinic: Any = None,
) -> User:
    """A person signs up; with a clinic, also as its patient. Raises IdentifierTaken."""
    user = User(
        email=email or None,
        phone=phone or None,
        first_name=first_name,
        last_name=last_name,
        date_of_birth=date_of_birth,
        language=language,
        zone=zone,
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
    """Give a role, once. Saved one by one, not in bulk: each grant is on the trail."""
    from accounts import signed_in

    with on_platform(), suppress(AlreadyMember), refusing("membership_once", AlreadyMember):
        row = Membership(user=user, clinic_id=clinic and clinic.id, role=role, granted_by=by, expires_at=expires_at)
        row.save(force_insert=True)
    signed_in.forget()


def change_profile(*, user: User, **changes: Any) -> User:
    """Change one's own names, contacts, language or zone. Raises IdentifierTaken."""
    with on_platform(), transaction.atomic():
        for name, value in changes.items():
            setattr(user, name, value)
        with refusing("user_email_once", IdentifierTaken), refusing("user_phone_once", IdentifierTaken):
            user.save()
    return user
