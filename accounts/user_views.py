"""How do administrators see people, give and end their roles, disable an account? Parse, one verb, answer."""

from typing import Any
from uuid import UUID

from django.db.models import Prefetch
from django.utils import timezone
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.response import Response

from accounts.models import Membership, User
from accounts.roles import RULING_ROLES, Role
from accounts.services import granting, step_up
from accounts.user_shapes import GrantChangeInput, GrantInput, GrantOutput, UserOutput, UserQuery, UserSearchInput
from healthcare.core.errors import NotFound
from healthcare.core.fields import blind_of, warm
from healthcare.core.shapes import Nothing
from healthcare.core.views import PlatformViewSet


class PeopleRoutes(PlatformViewSet):
    """What the routes about other people share. With a clinic, about its people; without, about the installation's."""

    tags = ("users",)

    def _visible(self) -> Any:
        shown = Membership.objects.visible_to(self.caller, "user.list").select_related("clinic").order_by("-id")
        grants = Prefetch("memberships", queryset=shown, to_attr="shown_grants")
        return User.objects.visible_to(self.caller, "user.list").prefetch_related(grants)

    def _person(self, user_id: UUID) -> User:
        if (found := self._visible().filter(pk=user_id).first()) is None:
            raise NotFound
        return found  # type: ignore[no-any-return]


class UserViewSet(PeopleRoutes):
    queryset = User.objects.none()
    needs = {
        "list": "user.list",
        "search": "user.list",
        "retrieve": "user.list",
        "disable": "user.disable",
        "enable": "user.disable",
    }

    @extend_schema(parameters=[UserQuery], responses={200: UserOutput(many=True)})
    def list(self, request: Any) -> Response:
        """The people of the named clinic (its patients too, by `role`); without a clinic, all people."""
        return self.page(self._narrowed(self._visible(), self.asked(UserQuery)), UserOutput, prepare=warm)

    @extend_schema(request=UserSearchInput, responses={200: UserOutput(many=True)})
    def search(self, request: Any) -> Response:
        """Who has this email address or phone number, of those one may see."""
        ((kind, value),) = self.parsed(UserSearchInput).items()
        index = f"{kind}_index"
        rows = self._visible().filter(**{index: blind_of(User, index, value, User().index_scope())})
        return self.page(rows, UserOutput, prepare=warm)

    @extend_schema(responses={200: UserOutput})
    def retrieve(self, request: Any, user_id: UUID) -> Response:
        return self.answer(self._person(user_id), UserOutput)

    @extend_schema(request=Nothing, responses={200: UserOutput})
    def disable(self, request: Any, user_id: UUID) -> Response:
        """Nobody signs in as this person any more; sessions and sockets end within two seconds. Wants a recent sign-in."""
        self.parsed(Nothing)
        step_up.require(request.auth)
        return self.answer(granting.disable(user=self._person(user_id), by=self.caller), UserOutput)

    @extend_schema(request=Nothing, responses={200: UserOutput})
    def enable(self, request: Any, user_id: UUID) -> Response:
        self.parsed(Nothing)
        return self.answer(granting.enable(user=self._person(user_id), by=self.caller), UserOutput)

    def _narrowed(self, rows: Any, asked: dict[str, Any]) -> Any:
        if "is_active" in asked:
            rows = rows.filter(is_active=asked["is_active"])
        grants = Membership.objects.visible_to(self.caller, "user.list")
        if "role" in asked:
            grants = grants.filter(role=asked["role"])
        if asked.get("grants", "current") == "current":
            grants = grants.current()
        else:
            grants = grants.exclude(pk__in=grants.current().values("pk"))
        wanted = self.clinic is not None or "role" in asked or "grants" in asked
        return rows.filter(pk__in=grants.values("user")) if wanted else rows


class GrantViewSet(PeopleRoutes):
    queryset = Membership.objects.none()
    needs = {"list": "user.list", "create": "user.grant", "partial_update": "user.grant", "destroy": "user.grant"}

    @extend_schema(responses={200: GrantOutput(many=True)})
    def list(self, request: Any, user_id: UUID) -> Response:
        """Every role the person holds or held here, the newest first."""
        return self.page(self._grants(user_id), GrantOutput)

    @extend_schema(request=GrantInput, responses={201: GrantOutput})
    def create(self, request: Any, user_id: UUID) -> Response:
        """Give a role in the named clinic; without one, on the platform. To bring somebody new, invite them.

        A role that rules over others' roles wants a recent sign-in (`step_up_required`).
        """
        asked = self.parsed(GrantInput)
        role = Role(asked["role"])
        self._proven_for(role)
        given = {"user": self._person(user_id), "role": role, "clinic": self.clinic, "by": self.caller}
        row = granting.grant(**given, now=timezone.now(), expires_at=asked["expires_at"])
        return self.answer(row, GrantOutput, status=201)

    @extend_schema(request=GrantChangeInput, responses={200: GrantOutput})
    def partial_update(self, request: Any, user_id: UUID, grant_id: UUID) -> Response:
        """Let it end at another time, or never."""
        asked, row = self.parsed(GrantChangeInput), self._grant(user_id, grant_id)
        self._proven_for(Role(row.role))
        changed = granting.change_expiry(grant=row, by=self.caller, now=timezone.now(), expires_at=asked["expires_at"])
        return self.answer(changed, GrantOutput)

    @extend_schema(request=None, responses={204: OpenApiResponse(description="Ended.")})
    def destroy(self, request: Any, user_id: UUID, grant_id: UUID) -> Response:
        """End it; felt by requests and sockets within two seconds."""
        granting.end(grant=self._grant(user_id, grant_id), by=self.caller, now=timezone.now())
        return Response(status=204)

    def _grants(self, user_id: UUID) -> Any:
        rows = Membership.objects.visible_to(self.caller, str(self.need)).filter(user=self._person(user_id))
        return rows.select_related("clinic")

    def _grant(self, user_id: UUID, grant_id: UUID) -> Membership:
        if (found := self._grants(user_id).filter(pk=grant_id, ended_at=None).first()) is None:
            raise NotFound
        return found  # type: ignore[no-any-return]

    def _proven_for(self, role: Role) -> None:
        if role in RULING_ROLES:
            step_up.require(self.request.auth)
