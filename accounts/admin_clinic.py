"""In which clinic does a page of the admin run? The one the person chose, for as long as the page is made.

Who asks is found out first, in public; then pages of a clinic's own models run in its schema as its role, all others in
public. Signing in and out and choosing a clinic write the session, which lives in public.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.views.decorators.http import require_POST

from accounts import admin_rights
from clinics.models import Clinic
from healthcare.core.context import note_actor
from healthcare.core.tenancy import find_clinic, in_clinic, on_platform

CHOSEN = "admin_clinic"
PREFIX = "/admin/"


class AdminClinic:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> HttpResponse:
        if not request.path.startswith(PREFIX):
            return self.get_response(request)
        request.clinic = request.member = None
        with on_platform():
            self._meet(request)
        with place_for(request), timezone.override(request.clinic.zone if request.clinic else "UTC"):
            return self.get_response(request)

    def _meet(self, request: Any) -> None:
        """Load the person, their rights and their clinic while we are still in public."""
        user = request.user
        if not user.is_authenticated:
            return
        note_actor(user.pk, request.auth_session.session_id if request.auth_session else None)
        if not admin_rights.is_staff(user):
            return
        request.clinic = user.chosen_clinic = chosen_clinic(request)
        if request.clinic is not None:
            request.member = admin_rights.member_in(user, request.clinic)


def place_for(request: Any) -> AbstractContextManager[Any]:
    """The clinic for its own models' pages and the start page, public for the rest."""
    asked = request.path.removeprefix(PREFIX).partition("/")[0]
    label = request.GET.get("app_label", "") if asked == "autocomplete" else asked
    own = label == "" or admin_rights.is_clinics_own(label)
    return in_clinic(request.clinic) if own and request.clinic is not None else on_platform()


def chosen_clinic(request: Any) -> Any:
    """The clinic of this sign-in: chosen, or the first the person works in."""
    chosen = find_clinic(request.session[CHOSEN]) if CHOSEN in request.session else None
    if chosen is not None and admin_rights.member_in(request.user, chosen) is not None:
        return chosen
    return clinics_for(request.user).first()


def clinics_for(user: Any) -> Any:
    """Open clinics the person may work in; platform roles any."""
    ids = admin_rights.staff_clinic_ids(user)
    rows = Clinic.objects.listed()
    return rows if ids is None else rows.filter(pk__in=ids)


@require_POST
def choose_clinic(request: Any) -> HttpResponse:
    """Work in another clinic from now on. Raises Http404 for one where the person is no staff."""
    clinic = find_clinic(request.POST.get("clinic", "")[:60]) if request.user.is_authenticated else None
    if clinic is None or admin_rights.member_in(request.user, clinic) is None:
        raise Http404
    request.session[CHOSEN] = str(clinic.id)
    messages.success(request, f"You now work in {clinic.name}.")
    return HttpResponseRedirect(reverse("admin:index"))


def header(request: Any) -> dict[str, Any]:
    """What the head of every admin page shows: the clinic, and the others to choose from."""
    user = request.user
    if getattr(request, "clinic", None) is None or not user.is_authenticated:
        return {"clinic": None, "clinics": []}

    def load() -> list[Any]:
        with on_platform():
            return list(clinics_for(user).only("id", "name"))

    return {"clinic": request.clinic, "clinics": SimpleLazyObject(load)}
