"""Invite somebody to work in a clinic: `manage.py staff_invite --clinic north --role doctor --email ada@example.org`."""

import datetime as dt
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email
from django.utils import timezone

from accounts.identifiers import NotAnIdentifier, plain_phone
from accounts.roles import PLATFORM_ROLES, Role
from accounts.services import inviting
from accounts.user_shapes import GIVEN
from healthcare.core.errors import Refused
from healthcare.core.tenancy import find_clinic


class Command(BaseCommand):
    help = "Invite somebody to work in a clinic (or, in a role of the platform, without one). The link is sent to them alone."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--role", required=True, choices=GIVEN)
        parser.add_argument("--clinic", default="", help="slug or id; left out for super_admin, system_admin, support")
        contact = parser.add_mutually_exclusive_group(required=True)
        contact.add_argument("--email")
        contact.add_argument("--phone", help="with country code")
        parser.add_argument("--days", type=int, default=7, help="how long the link may be used, 1 to 30 (default 7)")
        parser.add_argument("--language", default="en")
        parser.add_argument("--link", action="store_true", help="also print the link: whoever has it can accept")

    def handle(self, *args: Any, **options: Any) -> None:
        clinic = self._clinic(options["clinic"], Role(options["role"]))
        if not 1 <= options["days"] <= 30:
            raise CommandError("--days is a number from 1 to 30")
        try:
            row = inviting.invite(
                role=Role(options["role"]),
                clinic=clinic,
                by=None,
                now=timezone.now(),
                language=options["language"],
                life=dt.timedelta(days=options["days"]),
                **self._contact(options),
            )
        except Refused as refusal:
            raise CommandError(refusal.detail) from None
        where = clinic.name if clinic else "the platform"
        self.stdout.write(f"invited as {row.role} to {where}, until {row.expires_at:%Y-%m-%d %H:%M} UTC; invitation {row.pk}")
        if options["link"]:
            self.stdout.write(inviting.link_of(row))

    def _clinic(self, name: str, role: Role) -> Any:
        if not name and role in PLATFORM_ROLES:
            return None
        clinic = find_clinic(name) if name else None
        if clinic is None:
            raise CommandError(f"there is no open clinic {name!r}" if name else f"--clinic: a {role} works in a clinic")
        return clinic

    def _contact(self, options: dict[str, Any]) -> dict[str, str]:
        try:
            if options["email"]:
                validate_email(options["email"])
                return {"email": options["email"]}
            return {"phone": plain_phone(options["phone"])}
        except (ValidationError, NotAnIdentifier):
            raise CommandError("this is neither an email address nor a phone number with its country code") from None
