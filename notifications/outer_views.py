"""What do those ask who have no account here: who follows a link in a message, and providers that tell what became of one?

Plain views: the one is a page, the others speak as their providers do. Each proves itself by a signature in what it sends.
"""

import hmac
from base64 import b64encode
from hashlib import sha1, sha256
from typing import Any

import orjson
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from healthcare.core.errors import NotFound
from healthcare.core.languages import direction, language_of
from healthcare.core.strangers import limited
from healthcare.core.throttles import Limit
from notifications import optout
from notifications.optout_words import SAID
from notifications.services.following import DELIVERED, FAILED, READ, follow
from notifications.services.preferring import decline

PER_ADDRESS = Limit("optout", 60, 60)
SMS_SAYS = {"delivered": DELIVERED, "read": READ, "undelivered": FAILED, "failed": FAILED}
WHATSAPP_SAYS = {"delivered": DELIVERED, "read": READ, "failed": FAILED}
LARGEST = 256 * 1024  # bytes of a report


@csrf_exempt  # the link itself proves that it may; mail programs post without a page (RFC 8058)
@never_cache
@require_http_methods(["GET", "POST"])
@limited(PER_ADDRESS)
def page_opt_out(request: HttpRequest, token: str) -> HttpResponse:
    """GET asks, POST does: programs that follow every link of a mail end nothing."""
    if optout.read(token) is None:
        return _page(request, "unknown", 404)
    if request.method == "GET":
        return _page(request, "ask")
    try:
        decline(token=token, now=timezone.now())
    except NotFound:
        return _page(request, "unknown", 404)
    return _page(request, "done")


def _page(request: HttpRequest, state: str, status: int = 200) -> HttpResponse:
    """In the language that their browser asks for: the link opens nothing, so nobody is looked up to know theirs."""
    language = language_of(request)
    shown = {"said": SAID[language][state], "language": language, "direction": direction(language)}
    answer = render(request, "notifications/opt_out.html", shown, status=status)
    answer["Content-Language"] = language
    patch_vary_headers(answer, ["Accept-Language"])
    return answer


@csrf_exempt
@require_POST
def told_by_sms(request: HttpRequest) -> HttpResponse:
    """Twilio's status callback: signed over the address and the fields in order."""
    if not settings.SMS.host or not _signed_as_twilio(request):
        return HttpResponseForbidden()
    said = SMS_SAYS.get(request.POST.get("MessageStatus", ""))
    if said:
        code = request.POST.get("ErrorCode", "")
        error = f"sms_{code}" if code.isdigit() else ""
        follow(key=request.GET.get("key", ""), status=said, error=error, now=timezone.now())
    return HttpResponse(status=204)


@csrf_exempt
@require_http_methods(["GET", "POST"])
def told_by_whatsapp(request: HttpRequest) -> HttpResponse:
    """The Cloud API's webhook: GET proves once that the address is ours, POST brings signed reports."""
    if request.method == "GET":
        wanted, given = settings.WHATSAPP_VERIFY_TOKEN, request.GET.get("hub.verify_token", "")
        if not wanted or not hmac.compare_digest(wanted.encode(), given.encode()):
            return HttpResponseForbidden()
        return HttpResponse(request.GET.get("hub.challenge", "")[:200], content_type="text/plain")
    if not _signed_as_meta(request):
        return HttpResponseForbidden()
    for report in _reports(request.body):
        said = WHATSAPP_SAYS.get(str(report.get("status")))
        if said:
            follow(key=str(report.get("biz_opaque_callback_data", "")), status=said, error=_code(report), now=timezone.now())
    return HttpResponse(status=204)


def _signed_as_twilio(request: HttpRequest) -> bool:
    fields = "".join(f"{name}{request.POST[name]}" for name in sorted(request.POST))
    told = f"{settings.BASE_URL}{request.get_full_path()}{fields}"
    proof = b64encode(hmac.new(settings.SMS.secret.encode(), told.encode(), sha1).digest())
    return hmac.compare_digest(proof, request.headers.get("X-Twilio-Signature", "").encode())


def _signed_as_meta(request: HttpRequest) -> bool:
    secret = settings.WHATSAPP_APP_SECRET
    if not secret or len(request.body) > LARGEST:
        return False
    proof = "sha256=" + hmac.new(secret.encode(), request.body, sha256).hexdigest()
    return hmac.compare_digest(proof.encode(), request.headers.get("X-Hub-Signature-256", "").encode())


def _reports(body: bytes) -> list[dict[str, Any]]:
    """The statuses in the nest of a webhook's body; whatever is not built so holds none."""
    try:
        said = orjson.loads(body)
        changes = [change["value"] for entry in said["entry"] for change in entry["changes"]]
        return [status for value in changes for status in value.get("statuses", []) if isinstance(status, dict)]
    except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError):
        return []


def _code(report: dict[str, Any]) -> str:
    errors = report.get("errors")
    code = errors[0].get("code") if isinstance(errors, list) and errors and isinstance(errors[0], dict) else None
    return f"whatsapp_{code}" if isinstance(code, int) else ""
