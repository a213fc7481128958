"""Which people, and which of their rights, does the platform's staff see in the admin? To look at only."""

from typing import Any

from django.contrib import admin
from django.http import Http404
from django.urls import path

from accounts import admin_grants, admin_security
from accounts.admin_clinic import choose_clinic
from accounts.models import User
from healthcare.core.admin import ReadOnlyAdmin, add_pages

__all__ = ["UserAdmin", "admin_grants"]


def not_here(request: Any, **named: Any) -> Any:
    """A password is changed where other sessions end with it: through the API. No row has a page outside the admin."""
    raise Http404


def own_pages() -> list[Any]:
    return [
        path("clinic", choose_clinic, name="choose_clinic"),
        path("password_change/", not_here),
        path("r/<path:row>", not_here),
    ]


add_pages(own_pages)
add_pages(admin_security.pages)


@admin.register(User)
class UserAdmin(ReadOnlyAdmin):
    list_display = ("id", "full_name", "is_active", "language", "created_at")
    list_filter = ("is_active",)
    fields = ("id", "full_name", "email", "phone", "language", "zone", "is_active", "last_login", "created_at")
    ordering = ("-id",)

    @admin.display(description="Name")
    def full_name(self, user: User) -> str:
        return user.get_full_name()
