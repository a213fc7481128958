"""Which route did a request take? The pattern, never the address: addresses may hold what people typed."""

from django.http import HttpRequest

UNMATCHED = "unmatched"


def route_of(request: HttpRequest) -> str:
    match = request.resolver_match
    return str(match.route)[:100] if match is not None else UNMATCHED
