"""How is staff invited, and how do they accept? Parse, one verb, answer."""

import datetime as dt
from typing import Any
from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.response import Response

from accounts.models import Invitation
from accounts.roles import RULING_ROLES, Role
from accounts.services import inviting, step_up
from accounts.user_shapes import AcceptedOutput, AcceptInput, InvitationInput, InvitationOutput, InvitationQuery
from healthcare.core.errors import NotFound
from healthcare.core.fields import warm
from healthcare.core.views import OPEN, PlatformViewSet


class InvitationViewSet(PlatformViewSet):
    tags = ("auth",)
    queryset = Invitation.objects.none()
    needs = {"list": "user.grant", "create": "user.grant", "destroy": "user.grant", "accept": OPEN}

    @extend_schema(parameters=[InvitationQuery], responses={200: InvitationOutput(many=True)})
    def list(self, request: Any) -> Response:
        """Those of the named clinic, the newest first; without a clinic, those to the platform."""
        return self.page(self._narrowed(self.asked(InvitationQuery).get("state")), InvitationOutput, prepare=warm)

    @extend_schema(request=InvitationInput, responses={201: InvitationOutput})
    def create(self, request: Any) -> Response:
        """Invite somebody to work in the named clinic; the link goes to them alone. A former open one is taken back.

        A role that rules over others' roles wants a recent sign-in (`step_up_required`).
        """
        asked = self.parsed(InvitationInput)
        role, life = Role(asked.pop("role")), dt.timedelta(days=asked.pop("days"))
        if role in RULING_ROLES:
            step_up.require(request.auth)
        row = inviting.invite(role=role, clinic=self.clinic, by=self.caller, now=timezone.now(), life=life, **asked)
        return self.answer(row, InvitationOutput, status=201)

    @extend_schema(request=None, responses={204: OpenApiResponse(description="Taken back.")})
    def destroy(self, request: Any, invitation_id: UUID) -> Response:
        """Take an invitation back; one that was used stays used: end its grant instead."""
        if (row := self._rows().filter(pk=invitation_id).first()) is None:
            raise NotFound
        inviting.revoke(invitation=row, by=self.caller, now=timezone.now())
        return Response(status=204)

    @extend_schema(request=AcceptInput, responses={201: AcceptedOutput})
    def accept(self, request: Any) -> Response:
        """Use an invitation, once. Who has an account with the invited contact signs in first; somebody new gives their name
        and a password. Then sign in."""
        caller = request.user.pk if request.auth else None
        joined = inviting.accept(**self.parsed(AcceptInput), now=timezone.now(), caller=caller)
        return Response(AcceptedOutput(joined).data, status=201)

    def _rows(self) -> Any:
        return Invitation.objects.visible_to(self.caller, str(self.need))

    def _narrowed(self, state: str | None) -> Any:
        rows, now, states = self._rows(), timezone.now(), Invitation.State
        match state:
            case states.ACCEPTED:
                return rows.exclude(accepted_at=None)
            case states.REVOKED:
                return rows.exclude(revoked_at=None)
            case states.PENDING:
                return rows.pending().filter(expires_at__gt=now)
            case states.EXPIRED:
                return rows.pending().filter(expires_at__lte=now)
        return rows
