"""How does a message look before anybody gets it? A page that shows each in every language and form, with made-up facts."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils import timezone

from healthcare.core.admin import add_pages
from healthcare.core.languages import LANGUAGES, direction
from healthcare.core.tenancy import clinic_or_none
from notifications.messages import BY_CODE, MESSAGES
from notifications.samples import rendered


def may_preview(request: Any) -> bool:
    member = getattr(request, "member", None)
    return member is not None and member.may("notification.preview")


def preview(request: Any) -> HttpResponse:
    if not may_preview(request):
        raise PermissionDenied
    message, language = request.GET.get("message", ""), request.GET.get("language", "")
    message = message if message in BY_CODE else MESSAGES[0].code
    language = language if language in LANGUAGES else LANGUAGES[0]
    shown = rendered(message, language, clinic_or_none(), timezone.now())
    chosen = {"kind": BY_CODE[message], "language": language, "direction": direction(language)}
    context = {**admin.site.each_context(request), "messages_": MESSAGES, "languages": LANGUAGES, **chosen, **shown}
    return render(request, "admin/notifications/preview.html", {**context, "title": "Messages"})


def own_pages() -> list[Any]:
    return [path("notifications/preview/", admin.site.admin_view(preview), name="notifications_preview")]


add_pages(own_pages)
