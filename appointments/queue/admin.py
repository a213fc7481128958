"""What does staff find of the queues in the admin? The board and the screens to work with, past days to look up."""

from typing import Any

from django.contrib import admin
from django.urls import path
from unfold.admin import TabularInline

from appointments.queue import board, board_phone, board_screens
from appointments.queue.models import Queue, Token
from healthcare.core.admin import ReadOnlyAdmin, add_pages

ONE_QUEUE = "queue/board/queues/<uuid:queue_id>"
ONE_TOKEN = "queue/board/tokens/<uuid:token_id>"  # noqa: S105 (a route)


def own_pages() -> list[Any]:
    own = [
        ("queue/board/", board.page, {}, "queue_board"),
        ("queue/board/now", board.now, {}, "queue_board_now"),
        ("queue/board/open", board.open_today, {}, "queue_board_open"),
        ("queue/board/appointments/<uuid:appointment_id>/check-in", board.check_in, {}, "queue_board_check_in"),
        (f"{ONE_QUEUE}/call-next", board.call_next, {}, "queue_board_call_next"),
        (f"{ONE_QUEUE}/walk-in", board.walk_in, {}, "queue_board_walk_in"),
        (f"{ONE_TOKEN}/transfer", board.transfer, {}, "queue_board_transfer"),
        (f"{ONE_TOKEN}/phone", board_phone.page, {}, "queue_board_phone"),
        (f"{ONE_TOKEN}/first", board.put_first, {}, "queue_board_first"),
        *((f"{ONE_TOKEN}/{verb}", board.click, {"verb": verb}, f"queue_board_{verb}") for verb in board.VERBS),
        ("queue/screens/", board_screens.page, {}, "queue_screens"),
        ("queue/screens/<uuid:display_id>/revoke", board_screens.revoke, {}, "queue_screens_revoke"),
    ]
    return [path(route, admin.site.admin_view(view), more, name=name) for route, view, more, name in own]


add_pages(own_pages)


class TokenInline(TabularInline):
    model = Token
    extra = max_num = 0
    can_delete = False
    ordering = ("serial",)
    fields = readonly_fields = (
        "number", "status", "priority", "due_at", "arrived_at", "called_at", "calls", "started_at", "finished_at",
    )  # fmt: skip


@admin.register(Queue)
class QueueAdmin(ReadOnlyAdmin):
    """What happened on a past day: who came when, was called, went in."""

    sees = "queue.view"
    inlines = (TokenInline,)
    list_display = ("day", "prefix", "practitioner", "last_number", "is_open")
    list_filter = ("is_open", "practitioner")
    list_select_related = ("practitioner",)
    date_hierarchy = "day"
    ordering = ("-day", "prefix")
    fields = ("day", "prefix", "practitioner", "last_number", "is_open")
