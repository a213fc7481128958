"""How do people see and change what is known of them? Parse, one verb, answer."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.response import Response

from accounts.models import User
from accounts.serializers import PersonOutput, ProfileInput
from accounts.services import people, step_up
from healthcare.core.views import SIGNED_IN, PlatformViewSet


class ProfileViewSet(PlatformViewSet):
    """One's own profile, on the platform."""

    tags = ("users",)
    needs = {"retrieve": SIGNED_IN, "update": SIGNED_IN, "partial_update": SIGNED_IN}

    @extend_schema(responses={200: PersonOutput})
    def retrieve(self, request: Any) -> Response:
        return self.answer(self._me(), PersonOutput)

    @extend_schema(request=ProfileInput, responses={200: PersonOutput})
    def update(self, request: Any) -> Response:
        return self._change()

    @extend_schema(request=ProfileInput, responses={200: PersonOutput})
    def partial_update(self, request: Any) -> Response:
        return self._change()

    def _me(self) -> User:
        return User.objects.get(pk=self.request.user.pk)

    def _change(self) -> Response:
        me, changes = self._me(), self.parsed(ProfileInput)
        if people.changes_contact(me, changes):  # by a new contact an account changes hands
            step_up.require(self.request.auth)
        self.fresh(me)
        return self.answer(people.change_profile(user=me, **changes), PersonOutput)
