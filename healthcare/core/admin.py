"""What do all admin pages share? Rows the person may see, keys loaded a page at a time, and no log beside the audit.

    @admin.register(Appointment)
    class AppointmentAdmin(ClinicAdmin):
        list_display = ("starts_at", "kind", "state")
        sees = "appointment.view"

`sees` is the permission of the role table whose reach limits the rows. Rights themselves are asked of the person
(`accounts.admin_rights`), so a page for which no right is mapped is shown to nobody.
"""

from collections.abc import Callable, Iterable
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin import helpers
from django.contrib.admin.views.main import ChangeList
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponseRedirect
from unfold.admin import ModelAdmin

from healthcare.core.errors import Refused, words_of
from healthcare.core.fields import warm
from healthcare.core.tenancy import on_platform

_pages: list[Callable[[], list[Any]]] = []


def add_pages(pages: Callable[[], list[Any]]) -> None:
    """Routes of the admin that belong to no model. Under an app's label (`queue/board/`) they run in that app's schema."""
    _pages.append(pages)
    admin.site.extra_urls = lambda: [route for made in _pages for route in made()]  # type: ignore[attr-defined]  # unfold's hook


def each(request: Any, rows: Iterable[Any], verb: Callable[[Any], Any], done: str, named: Callable[[Any], str] = str) -> None:
    """An action of a list: the verb for every chosen row, each on its own; what a rule refuses is said, the others are done.

    `named` is what a refusal calls the row: never by what tells whose it is, for messages wait in a cookie.
    """
    good = 0
    for row in rows:
        try:
            verb(row)
        except Refused as refused:
            messages.error(request, f"{named(row)}: {words_of(refused)}")
        else:
            good += 1
    if good:
        messages.success(request, f"{done}: {good}.")


class Page(ChangeList):
    """A page of rows whose keys are loaded with one query, so that names open without one each."""

    def get_results(self, request: Any) -> None:
        super().get_results(request)
        self.result_list = list(self.result_list)
        model_admin: Any = self.model_admin
        model_admin.prepare(self.result_list)


class ClinicAdmin(ModelAdmin):
    """Base of every model's admin. Changes go through verbs; what is open to plain editing is mapped in admin_rights."""

    sees = ""
    show_full_result_count = False
    list_per_page = 50
    actions: Any = None  # no bulk deletion

    def get_queryset(self, request: Any) -> Any:
        rows = super().get_queryset(request)
        if self.sees:
            return rows.visible_to(request.member, self.sees) if request.member else rows.none()
        return rows

    def lookup_allowed(self, lookup: str, value: Any, request: Any = None) -> bool:
        """By what the page offers as a filter, by nothing else: any other column would answer guesses at what it hides."""
        offered = {self.date_hierarchy}
        for one in self.list_filter:
            offered.add(getattr(one, "parameter_name", None) or (one[0] if isinstance(one, (list, tuple)) else one))
        asked = lookup.partition("__")[0]
        return asked in offered and super().lookup_allowed(lookup, value, request)

    def prepare(self, rows: Iterable[Any]) -> None:
        """Load at once what a page of rows needs."""
        if hasattr(self.model, "seal_scope"):
            warm(rows)

    def response_action(self, request: Any, queryset: Any) -> Any:
        """An action on what is no id at all is done to nobody; Django would answer 500."""
        try:
            for text in request.POST.getlist(helpers.ACTION_CHECKBOX_NAME):
                self.model._meta.pk.to_python(text)
        except ValidationError:
            messages.error(request, "There is no such row; nothing was done.")
            return HttpResponseRedirect(request.get_full_path())
        return super().response_action(request, queryset)

    def get_changelist(self, request: Any, **kwargs: Any) -> type[ChangeList]:
        return Page

    def render_change_form(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        with on_platform():  # content types live in public only; once found they are remembered
            ContentType.objects.get_for_model(self.model)
        return super().render_change_form(request, *args, **kwargs)

    # The stock log keeps names, in public. The audit has it all.
    def log_addition(self, request: Any, obj: Any, message: Any) -> None:
        return None

    def log_change(self, request: Any, obj: Any, message: Any) -> None:
        return None

    def log_deletions(self, request: Any, queryset: Any) -> None:
        return None

    def history_view(self, request: Any, object_id: str, extra_context: Any = None) -> Any:
        raise PermissionDenied


class ReadOnlyAdmin(ClinicAdmin):
    """Pages to look at only."""

    def has_add_permission(self, request: Any) -> bool:
        return False

    def has_change_permission(self, request: Any, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: Any, obj: Any = None) -> bool:
        return False
