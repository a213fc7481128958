"""What do pages for people without an account share? A limit an address, answered without a word where it is passed."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse

from healthcare.core import throttles
from healthcare.core.addresses import client_address
from healthcare.core.errors import TooMany
from healthcare.core.throttles import Limit

View = Callable[..., HttpResponse]


def limited(limit: Limit) -> Callable[[View], View]:
    """429 with `Retry-After` for an address that asks too often."""

    def guard(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            try:
                throttles.hit(limit, client_address(request))
            except TooMany as busy:
                return HttpResponse(status=429, headers={"Retry-After": str(busy.retry_after)})
            return view(request, *args, **kwargs)

        return guarded

    return guard
