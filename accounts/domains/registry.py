"""Which domains does this installation serve? Those that settings.AUTH_DOMAINS names; the first is the usual one."""

import re
from functools import cache
from string import Formatter
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.signals import setting_changed
from django.utils.module_loading import import_string

from accounts.domains.base import CHANNELS, FALLBACK, IDENTIFIERS, MESSAGES, METHODS, AuthDomain
from accounts.roles import PLATFORM_ROLES, Role

NAME = re.compile(r"[a-z][a-z0-9_]{1,29}\Z")


def domain_named(name: str) -> AuthDomain:
    """The domain, or the installation's usual one where its plugin was taken out: its clinics go on."""
    found = domains()
    return found.get(name) or next(iter(found.values()))


@cache
def domains() -> dict[str, AuthDomain]:
    """All domains by name, in the setting's order. Raises ImproperlyConfigured with every fault of a plugin."""
    found: dict[str, AuthDomain] = {}
    for name, path in settings.AUTH_DOMAINS.items():
        try:
            plugin: Any = import_string(path)
        except ImportError as error:
            raise ImproperlyConfigured(f"AUTH_DOMAINS: {path} can't be imported: {error}") from error
        if not (isinstance(plugin, type) and issubclass(plugin, AuthDomain)):
            raise ImproperlyConfigured(f"AUTH_DOMAINS: {path} is no AuthDomain")
        if wrong := [*faults(plugin()), *([] if plugin.name == name else [f"is named {plugin.name!r}"])]:
            raise ImproperlyConfigured(f"AUTH_DOMAINS: {name}: {'; '.join(wrong)}")
        found[name] = plugin()
    if not found:
        raise ImproperlyConfigured("AUTH_DOMAINS: name one domain at least")
    return found


def faults(domain: AuthDomain) -> list[str]:
    """What a domain does not keep of the contract; nothing where all is well. The conformance kit asks the same."""
    wrong = [] if NAME.match(domain.name) else [f"name: must be like {NAME.pattern}"]
    wrong += [f"roles: {role!r} is no role" for role in domain.roles if role not in set(Role)]
    needed = {Role.CLINIC_ADMIN, Role.PATIENT}
    wrong += [f"roles: {role.value} is missing" for role in sorted(needed - set(domain.roles))]
    wrong += [f"roles: {role} has no name" for role, called in domain.roles.items() if not called.strip()]
    wrong += _of_list("identifiers", domain.identifiers, IDENTIFIERS)
    wrong += _of_list("otp_channels", domain.otp_channels, CHANNELS)
    wrong += _of_list("mfa.methods", domain.mfa.methods, METHODS)
    if not 8 <= domain.password.min_length <= domain.password.staff_min_length <= 64:  # NIST SP 800-63B 5.1.1.2: 8 at least
        wrong.append("password: 8 ≤ min_length ≤ staff_min_length ≤ 64")
    stray = domain.mfa.required_for - set(domain.roles) - PLATFORM_ROLES
    wrong += [f"mfa.required_for: {role} is no role of the domain" for role in sorted(stray)]
    return wrong + [fault for message in MESSAGES for fault in _of_words(domain, message)]


def _of_list(what: str, given: tuple[str, ...], known: tuple[str, ...]) -> list[str]:
    good = given and len(set(given)) == len(given) and set(given) <= set(known)
    return [] if good else [f"{what}: one or more of {', '.join(known)}, each once"]


def _of_words(domain: AuthDomain, message: str) -> list[str]:
    may, must = MESSAGES[message]
    by_language = domain.words.get(message, {})
    wrong = [] if FALLBACK in by_language else [f"words: {message} has none in {FALLBACK}"]
    for language, words in by_language.items():
        named = {name for part in words for _, name, _, _ in Formatter().parse(part) if name is not None}
        in_text = {name for _, name, _, _ in Formatter().parse(words.text)}
        wrong += [f"words: {message} ({language}) names {{{name}}}" for name in sorted(named - may)]
        wrong += [f"words: {message} ({language}) lacks {{{name}}}" for name in sorted(must - in_text)]
    return wrong


def _forget(*, setting: str, **kwargs: Any) -> None:
    if setting == "AUTH_DOMAINS":
        domains.cache_clear()


setting_changed.connect(_forget, dispatch_uid="accounts.domains")
