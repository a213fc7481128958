"""From which address does a request come? The peer's; behind a proxy of ours, the last one it vouches for."""

from ipaddress import ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str:
    """The client's address; `X-Forwarded-For` counts only behind TRUSTED_PROXIES, read from the right."""
    hops = [h.strip() for h in request.headers.get("X-Forwarded-For", "").split(",") if h.strip()]
    address = str(request.META.get("REMOTE_ADDR", ""))
    while hops and _trusted(address):
        address = hops.pop()
    return _plain(address)


def _trusted(address: str) -> bool:
    try:
        ip = ip_address(address)
    except ValueError:
        return False
    return any(ip in ip_network(net) for net in settings.TRUSTED_PROXIES)


def _plain(address: str) -> str:
    try:
        return str(ip_address(address))
    except ValueError:
        return ""
