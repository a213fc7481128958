"""Who holds which role, who is invited, and how does an administrator end it in a browser? Lists with the API's own verbs.

The platform's staff sees all of it, who runs the chosen clinic that clinic's. Each verb judges who asks by what they hold where
the row belongs, and what it refuses is a message on the page.
"""

from typing import Any

from django.contrib import admin
from django.db.models import Q
from django.utils import timezone

from accounts import admin_rights
from accounts.models import Invitation, Membership
from accounts.roles import RULING_ROLES, Role
from accounts.services import granting, inviting, step_up
from healthcare.core.admin import ReadOnlyAdmin, each


class ByWhoGrants(ReadOnlyAdmin):
    """`asks`: the permission to look; the actions want `user.grant`."""

    asks = ""

    def get_queryset(self, request: Any) -> Any:
        rows, user = super().get_queryset(request), request.user
        if admin_rights.may_on_platform(user, self.asks):
            return rows
        return rows.visible_to(request.member, self.asks) if request.member else rows.none()

    def has_grant_permission(self, request: Any) -> bool:
        here = request.member is not None and request.member.may("user.grant")
        return here or admin_rights.may_on_platform(request.user, "user.grant")


class StateFilter(admin.SimpleListFilter):
    title = parameter_name = "state"

    def lookups(self, request: Any, model_admin: Any) -> Any:
        return [("current", "current"), ("ended", "ended or run out")]

    def queryset(self, request: Any, rows: Any) -> Any:
        current = rows.current() if self.value() else rows
        return rows.exclude(pk__in=current.values("pk")) if self.value() == "ended" else current


@admin.register(Membership)
class MembershipAdmin(ByWhoGrants):
    asks = "user.list"
    list_display = ("user_id", "clinic", "role", "granted_at", "expires_at", "ended_at")
    list_filter = (StateFilter, "role")
    list_select_related = ("clinic",)
    fields = ("user_id", "clinic", "role", "granted_by_id", "granted_at", "expires_at", "ended_at")
    ordering = ("-id",)
    actions = ("end", "let_run")

    @admin.action(description="End these grants", permissions=["grant"])
    def end(self, request: Any, rows: Any) -> None:
        now = timezone.now()
        each(request, rows.filter(ended_at=None), lambda row: granting.end(grant=row, by=_by(request, row), now=now), "Ended")

    @admin.action(description="Let these grants run without an end", permissions=["grant"])
    def let_run(self, request: Any, rows: Any) -> None:
        def verb(row: Membership) -> None:
            if Role(row.role) in RULING_ROLES:
                step_up.require(request.auth_session)
            granting.change_expiry(grant=row, by=_by(request, row), now=timezone.now(), expires_at=None)

        each(request, rows.filter(ended_at=None), verb, "Without an end")


class InvitationStateFilter(admin.SimpleListFilter):
    title = parameter_name = "state"

    def lookups(self, request: Any, model_admin: Any) -> Any:
        return Invitation.State.choices

    def queryset(self, request: Any, rows: Any) -> Any:
        open_ones, now = Q(accepted_at=None, revoked_at=None), timezone.now()
        match self.value():
            case Invitation.State.PENDING:
                return rows.filter(open_ones, expires_at__gt=now)
            case Invitation.State.EXPIRED:
                return rows.filter(open_ones, expires_at__lte=now)
            case Invitation.State.ACCEPTED:
                return rows.exclude(accepted_at=None)
            case Invitation.State.REVOKED:
                return rows.exclude(revoked_at=None)
        return rows


@admin.register(Invitation)
class InvitationAdmin(ByWhoGrants):
    asks = "user.grant"
    list_display = ("created_at", "clinic", "role", "kind", "state", "expires_at", "send_failed")
    list_filter = (InvitationStateFilter, "role", "kind")
    list_select_related = ("clinic",)
    fields = ("clinic", "role", "kind", "state", "invited_by_id", "created_at", "expires_at", "grant_expires_at", "sent_at")
    readonly_fields = ("state",)
    ordering = ("-id",)
    actions = ("take_back",)

    @admin.display(description="State")
    def state(self, row: Invitation) -> str:
        return row.state.label

    @admin.action(description="Take these invitations back", permissions=["grant"])
    def take_back(self, request: Any, rows: Any) -> None:
        now = timezone.now()
        each(request, rows.pending(), lambda row: inviting.revoke(invitation=row, by=_by(request, row), now=now), "Taken back")


def _by(request: Any, row: Any) -> Any:
    return admin_rights.member_for(request.user, row.clinic_id)
