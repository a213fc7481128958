"""How does the desk run the day's queues in a browser? One page in the admin; every click is a form, one verb, and back.

Without JavaScript a click answers with the page again and a message. The page's script sends the same forms with
`Accept: application/json` and reads the board again every few seconds, so that all desks see each other's clicks.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, HttpResponseNotModified, HttpResponseRedirect, JsonResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from appointments.models import Appointment, Practitioner, Priority
from appointments.queue.board_rows import Board, board_of, room
from appointments.queue.models import Queue, Token
from appointments.queue.services import arranging, calling, tokens
from appointments.queue.services.opening import open_queue
from appointments.services import steps
from healthcare.core.errors import Malformed, Refused, words_of
from healthcare.core.ids import as_id
from healthcare.core.problems import as_response
from patients.models import Patient

View = Callable[..., HttpResponse]
NAME = "admin:queue_board"
VERBS: dict[str, tuple[Callable[..., Token], str]] = {
    "recall": (calling.recall, "is called again to {desk}"),
    "skip": (calling.skip, "is skipped"),
    "hold": (calling.hold, "is on hold"),
    "resume": (calling.resume, "is back in line"),
    "start": (calling.start, "has gone in"),
    "finish": (calling.finish, "is finished"),
    "undo": (arranging.undo, "is {status} again"),
}


class UnknownChart(Refused):
    status = 404
    code = "unknown_chart"
    detail = "No chart has this MRN; leave it empty for somebody without one."


def needs(permission: str) -> Callable[[View], View]:
    """For staff of the clinic that was chosen in the admin whose role has the permission."""

    def guard(view: View) -> View:
        @wraps(view)
        def guarded(request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
            if not _may(request, permission):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return guarded

    return guard


def may_run(request: Any) -> bool:
    """For the sidebar."""
    return _may(request, "queue.run")


def may_pair(request: Any) -> bool:
    return _may(request, "display.pair")


def _may(request: Any, permission: str) -> bool:
    member = getattr(request, "member", None)
    return member is not None and member.may(permission)


def answers(click: Callable[..., str]) -> View:
    """A click says in a sentence what came of it; this makes the answer, also of a refusal."""

    @wraps(click)
    def answered(request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        by_script = request.headers.get("Accept") == "application/json"
        try:
            said = click(request, *args, **kwargs)
        except Refused as refused:
            if by_script:
                return as_response(refused)
            messages.error(request, words_of(refused))
        else:
            if by_script:
                return JsonResponse({"said": said})
            messages.success(request, said)
        return HttpResponseRedirect(reverse(NAME) + _narrowed(request))

    return require_POST(answered)


@require_safe
@needs("queue.run")
def page(request: Any) -> HttpResponse:
    board = _board(request)
    context = {**admin.site.each_context(request), **_context(request, board), "title": "Queue board"}
    context["now_url"] = reverse("admin:queue_board_now") + context["narrowed"]
    return TemplateResponse(request, "admin/queue/board.html", context)


@require_safe
@needs("queue.run")
def now(request: Any) -> HttpResponse:
    """The board alone; 304 for who has it already. The script keeps the tag: names are in no cache of the browser."""
    board = _board(request)
    tag = f'"{board.tag}"'
    if request.headers.get("If-None-Match") == tag:
        return HttpResponseNotModified(headers={"ETag": tag})
    answer = TemplateResponse(request, "admin/queue/now.html", _context(request, board))
    answer["ETag"] = tag
    return answer


@needs("queue.run")
@answers
def call_next(request: Any, queue_id: UUID) -> str:
    queue = _queue(request, queue_id)
    token = calling.call_next(queue=queue, by=request.member.user_id, now=timezone.now())
    return f"{token.number} is called to {room(queue.desk)}."


@needs("queue.run")
@answers
def walk_in(request: Any, queue_id: UUID) -> str:
    queue, asked = _queue(request, queue_id), _asked(WalkInForm, request)
    patient, priority = _chart(request, asked["mrn"]), asked["priority"] or Priority.NORMAL
    token = tokens.walk_in(queue=queue, patient=patient, priority=priority, by=request.member.user_id, now=timezone.now())
    return f"The walk-in has number {token.number}, for {queue.practitioner}."


@needs("queue.run")
@answers
def click(request: Any, token_id: UUID, verb: str) -> str:
    do, said = VERBS[verb]
    token = do(token=token_for(request, token_id), by=request.member.user_id, now=timezone.now())
    return f"{token.number} {said.format(desk=room(token.queue.desk), status=token.status)}."


@needs("queue.run")
@answers
def transfer(request: Any, token_id: UUID) -> str:
    token, to = token_for(request, token_id), _queue(request, _asked(TransferForm, request)["queue"])
    new = tokens.transfer(token=token, to=to, by=request.member.user_id, now=timezone.now())
    return f"{token.number} is sent on to {to.practitioner}, where the number is {new.number}."


@needs("queue.run")
@answers
def put_first(request: Any, token_id: UUID) -> str:
    """Arrange the line so that this one is next."""
    token = token_for(request, token_id)
    line = list(Token.objects.filter(queue=token.queue_id).waiting().values_list("id", flat=True))
    order = [token.id, *(i for i in line if i != token.id)]
    arranging.reorder(queue=token.queue, tokens=order, by=request.member.user_id, now=timezone.now())
    return f"{token.number} is next."


@needs("queue.run")
@answers
def open_today(request: Any) -> str:
    cards = Practitioner.objects.visible_to(request.member, "practitioner.view").seeing_patients().with_place()
    if (practitioner := cards.filter(pk=_asked(OpenForm, request)["practitioner"]).first()) is None:
        raise Http404
    at = timezone.now()
    open_queue(practitioner=practitioner, at=at, by=request.member.user_id, now=at)
    return f"The queue of {practitioner} is open."


@needs("appointment.run")
@answers
def check_in(request: Any, appointment_id: UUID) -> str:
    rows = Appointment.objects.visible_to(request.member, "appointment.run")
    if (row := rows.filter(pk=appointment_id).first()) is None:
        raise Http404
    steps.check_in(appointment=row, by=request.member.user_id, now=timezone.now())
    number = Token.objects.open().filter(appointment=row.pk).values_list("number", flat=True).first()
    return f"Checked in: the number is {number}."


class WalkInForm(forms.Form):
    mrn = forms.CharField(max_length=20, required=False)
    priority = forms.ChoiceField(choices=Priority.choices, required=False)


class TransferForm(forms.Form):
    queue = forms.UUIDField()


class OpenForm(forms.Form):
    practitioner = forms.UUIDField()


def _asked(shape: type[forms.Form], request: Any) -> dict[str, Any]:
    form = shape(request.POST)
    if not form.is_valid():
        raise Malformed("Fill the form in: " + ", ".join(sorted(form.errors)) + ".")
    return form.cleaned_data


def _queue(request: Any, queue_id: UUID) -> Queue:
    rows = Queue.objects.visible_to(request.member, "queue.run").select_related("practitioner")
    if (found := rows.filter(pk=queue_id).first()) is None:
        raise Http404
    return found


def token_for(request: Any, token_id: UUID) -> Token:
    """One of the chosen clinic, for who runs queues. Raises Http404."""
    rows = Token.objects.filter(queue__in=Queue.objects.visible_to(request.member, "queue.run"))
    if (found := rows.select_related("queue__practitioner").filter(pk=token_id).first()) is None:
        raise Http404
    return found


def _chart(request: Any, mrn: str) -> Patient | None:
    """Raises UnknownChart."""
    if not mrn.strip(" -"):
        return None
    if (found := Patient.objects.visible_to(request.member, "patient.view").found_by("mrn", mrn).first()) is None:
        raise UnknownChart
    return found


def _board(request: Any) -> Board:
    return board_of(request.member, now=timezone.now(), chosen=as_id(request.GET.get("queue", "")))


def _context(request: Any, board: Board) -> dict[str, Any]:
    return {"board": board, "narrowed": _narrowed(request), "priorities": Priority.choices}


def _narrowed(request: Any) -> str:
    """The query string that keeps the one queue somebody looks at."""
    chosen = as_id(request.GET.get("queue", ""))
    return f"?queue={chosen}" if chosen else ""
