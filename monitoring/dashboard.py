"""How are the job queues doing, and what lies dead in them? A live page for super_admin and system_admin."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.admin_rights import may_on_platform
from healthcare.core import dead_letters
from healthcare.core.context import acting_as
from healthcare.core.job_queues import JOB_QUEUES
from healthcare.core.models import Job
from healthcare.core.tenancy import on_platform
from monitoring import figures
from monitoring.trail.entry import Action
from monitoring.trail.writing import record

View = Callable[..., HttpResponse]
SHOWN = 50  # dead letters on the page


def needs(permission: str) -> Callable[[View], View]:
    """For staff signed in to the admin whose platform role has the permission."""

    def guard(view: View) -> View:
        @wraps(view)
        @never_cache
        @login_required
        def guarded(request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
            with on_platform(), acting_as(actor_id=request.user.pk):
                if not may_on_platform(request.user, permission):
                    raise PermissionDenied
                return view(request, *args, **kwargs)

        return guarded

    return guard


@require_GET
@needs("jobs.view")
def page_queues(request: HttpRequest) -> HttpResponse:
    return render(request, "monitoring/queue_dashboard.html", figures_now() | {"may_retry": may_retry(request)})


@require_GET
@needs("jobs.view")
def page_figures(request: HttpRequest) -> HttpResponse:
    return JsonResponse(figures_now())


@require_POST
@needs("jobs.retry")
def page_retry(request: HttpRequest, job_id: UUID) -> HttpResponse:
    """Re-queue a dead job. Raises Http404 where it is not dead (any more)."""
    return decided(dead_letters.retry_dead(job_id), job_id, Job.State.READY)


@require_POST
@needs("jobs.retry")
def page_discard(request: HttpRequest, job_id: UUID) -> HttpResponse:
    """Give a dead job up: it will not be done. Raises Http404 where it is not dead (any more)."""
    return decided(dead_letters.discard_dead(job_id), job_id, Job.State.CANCELLED)


def decided(was_dead: bool, job_id: UUID, state: Job.State) -> HttpResponse:
    if not was_dead:
        raise Http404
    record(Action.UPDATE, "core.job", job_id, changes={"state": [Job.State.DEAD.value, state.value]})
    return HttpResponseRedirect(reverse("queue_dashboard"))


def figures_now() -> dict[str, Any]:
    depths = figures.queues()
    rows = [{"name": q.name, "group": q.group, "purpose": q.purpose, **depths[q.name]} for q in JOB_QUEUES]
    return {"at": timezone.now().isoformat(timespec="seconds"), "queues": rows, "dead": letters()}


def letters() -> list[dict[str, Any]]:
    with on_platform():
        rows = Job.objects.filter(state=Job.State.DEAD).order_by("-finished_at")[:SHOWN]
        return [
            {
                "id": str(row.id),
                "queue": row.queue,
                "name": row.name,
                "error": row.error,
                "attempts": row.attempts,
                "at": row.finished_at.isoformat(timespec="seconds") if row.finished_at else "",
            }
            for row in rows
        ]


def may_retry(request: Any) -> bool:
    return may_on_platform(request.user, "jobs.retry")
