"""What does the patient's link open? A page that asks every few seconds how far the line has come."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from appointments.queue.screens import guarded
from appointments.queue.waits import following
from healthcare.core.strangers import limited
from healthcare.core.throttles import Limit

PER_ADDRESS = Limit("wait", 1200, 60)  # a waiting room has one address: a hundred phones that ask every fifteen seconds


@require_safe
@never_cache
@limited(PER_ADDRESS)
def page_wait(request: HttpRequest, token: str) -> HttpResponse:
    """The same page for every link: what it shows, it asks for."""
    page = guarded(render(request, "queue/wait.html"))
    page["Referrer-Policy"] = "no-referrer"  # the address is the key
    return page


@require_safe
@never_cache
@limited(PER_ADDRESS)
def wait_now(request: HttpRequest, token: str) -> HttpResponse:
    """`{number, status, place, desk, priority, wait, clinic, as_of, zone}`; 404 for a link that knows nothing (any more)."""
    found = following.seen(token, now=timezone.now())
    return JsonResponse(found or {"code": "not_found"}, status=200 if found else 404)
