"""What does a kind of business ask of those who sign in? Its roles, identifiers, channels, passwords, second step and words.

    class Fashion(AuthDomain):
        name = "fashion"
        roles = {Role.CLINIC_ADMIN: "Store manager", Role.PATIENT: "Client"}
        ...

A clinic belongs to one domain (`Clinic.domain`). What a role may do is the same in all (`accounts/roles.py`): a domain says
which roles it has and what it calls them, never what they may.
"""

from collections.abc import Mapping
from typing import ClassVar, NamedTuple

from accounts.roles import Role

IDENTIFIERS = ("email", "phone")
CHANNELS = ("email", "sms", "whatsapp")
METHODS = ("totp",)

# message: what its words may name, and what they must
MESSAGES: dict[str, tuple[frozenset[str], frozenset[str]]] = {
    "otp": (frozenset({"code", "minutes", "place"}), frozenset({"code"})),
    "password_reset": (frozenset({"link", "minutes", "place"}), frozenset({"link"})),
    "invitation": (frozenset({"link", "role", "place", "until"}), frozenset({"link", "role", "place"})),
}
FALLBACK = "en"  # the language in which every domain has every message


class PasswordPolicy(NamedTuple):
    """How long a password must be, and whether a person may do without one and sign in by code alone."""

    min_length: int = 10
    staff_min_length: int = 12
    is_optional: bool = True  # for those who are not staff


class MfaPolicy(NamedTuple):
    """Who needs a second step, and by what. Nobody is asked for a step that is not in `methods`."""

    required_for: frozenset[Role] = frozenset()
    methods: tuple[str, ...] = METHODS


class Words(NamedTuple):
    """A message in one language; `{code}` and the like are filled in. Text messages carry `text` alone."""

    subject: str
    text: str


class AuthDomain:
    """Base of all domains: derive, set what differs, name it in `settings.AUTH_DOMAINS`. README.md has the checklist."""

    name: ClassVar[str]
    roles: ClassVar[Mapping[Role, str]]  # role -> what it is called here; patient and clinic_admin must be among them
    identifiers: ClassVar[tuple[str, ...]] = IDENTIFIERS  # by which people may sign in
    otp_channels: ClassVar[tuple[str, ...]] = ("sms", "whatsapp", "email")  # the order of `auto`
    password: ClassVar[PasswordPolicy] = PasswordPolicy()
    mfa: ClassVar[MfaPolicy] = MfaPolicy()
    words: ClassVar[Mapping[str, Mapping[str, Words]]]  # message -> language -> words

    def called(self, role: Role) -> str:
        """What the role is called here. Raises KeyError for a role that the domain does not have."""
        return self.roles[role]

    def says(self, message: str, *languages: str) -> Words:
        """The message in the first of these languages that it has (`hi-IN` is served by `hi`), else in English."""
        known = self.words[message]
        plain = (language.partition("-")[0].lower() for language in languages)
        return known[next((language for language in plain if language in known), FALLBACK)]
