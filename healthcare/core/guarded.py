"""May we call an address that somebody else chose? Only on the public Internet, by TLS, and where the name pointed when asked.

The name is resolved once and the connection goes to that very address, so a name that answers differently the second time
(DNS rebinding) gains nothing. Redirects are not followed. Networks of WEBHOOK_NETWORKS are allowed on top: an integrator in
the same data centre, a developer's own machine.
"""

import socket
from collections.abc import Mapping
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any
from urllib.parse import SplitResult, urlsplit

from django.conf import settings

from healthcare.core import outside
from healthcare.core.errors import Refused

LONGEST = 1000
NAT64 = ip_network("64:ff9b::/96")
Address = IPv4Address | IPv6Address


class BadTarget(Refused):
    status = 400
    code = "bad_target"
    detail = "The address must be https, without user name, on the public Internet."


def check(url: str) -> SplitResult:
    """The address's parts, if its form is one that may be called. Raises BadTarget."""
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 (raises for nonsense)
    except ValueError:
        raise BadTarget from None
    plain = len(url) <= LONGEST and url.isascii() and url.isprintable() and " " not in url and "\\" not in url
    if not plain or not parts.hostname or parts.username is not None or parts.password is not None or parts.fragment:
        raise BadTarget
    if parts.scheme != "https" and not (parts.scheme == "http" and _extra()):
        raise BadTarget
    return parts


def resolve(url: str) -> str:
    """The one address to connect to. Raises BadTarget when any of the name's is not public, outside.Away when it has none."""
    parts = check(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        found = socket.getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise outside.Away from None
    addresses = [ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]
    if not addresses:
        raise outside.Away
    if not all(map(may_be_called, addresses)):
        raise BadTarget
    if parts.scheme == "http" and not all(_in_extra(address) for address in addresses):
        raise BadTarget
    return str(addresses[0])


def resolve_if_there(url: str) -> None:
    """Refuse at once what leads inside now; a name that does not resolve yet may later. Raises BadTarget."""
    try:
        resolve(url)
    except outside.Away:
        pass


def may_be_called(address: Address) -> bool:
    inner = _inner(address)
    if _in_extra(inner):
        return True
    return inner.is_global and not (inner.is_multicast or inner.is_reserved or inner.is_unspecified or inner.is_loopback)


def post(url: str, *, headers: Mapping[str, str], body: bytes, seconds: float) -> outside.Answer:
    """POST to an address that somebody else chose. Raises BadTarget, outside.Away."""
    return call("POST", url, headers=headers, body=body, seconds=seconds)


def call(method: str, url: str, *, headers: Mapping[str, str], body: bytes, seconds: float) -> outside.Answer:
    """Ask at an address that somebody else chose. Raises BadTarget, outside.Away."""
    return outside.call(method, url, headers=headers, body=body, seconds=seconds, address=resolve(url))


def _inner(address: Address) -> Address:
    """The IPv4 address inside an IPv6 one: mapped, 6to4, Teredo and NAT64 lead to it."""
    if isinstance(address, IPv6Address):
        if address in NAT64:
            return IPv4Address(int(address) & 0xFFFFFFFF)
        teredo = address.teredo
        return address.ipv4_mapped or address.sixtofour or (teredo[1] if teredo else address)
    return address


def _extra() -> list[Any]:
    return [ip_network(network) for network in settings.WEBHOOK_NETWORKS]


def _in_extra(address: Address) -> bool:
    return any(address in network for network in _extra())
