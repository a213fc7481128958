"""How does somebody at the desk get the page of their number onto their own phone? The desk shows its link as a picture."""

from typing import Any
from uuid import UUID

import segno
from django.contrib import admin
from django.http import HttpResponse
from django.template.response import TemplateResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from appointments.queue.board import needs, token_for
from appointments.queue.waits import following


@require_safe
@never_cache
@needs("queue.run")
def page(request: Any, token_id: UUID) -> HttpResponse:
    """Number, picture and link; nothing of whom the number is."""
    token = token_for(request, token_id)
    link = following.link(token)
    picture = str(segno.make(link, error="m").svg_inline(scale=6, omitsize=True))
    shown = {"title": f"Number {token.number} on a phone", "number": token.number, "link": link, "picture": picture}
    return TemplateResponse(request, "admin/queue/phone.html", {**admin.site.each_context(request), **shown})
