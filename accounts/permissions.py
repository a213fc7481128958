"""May this caller do this? The action's named permission, looked up in the role table; nothing named means no."""

from typing import Any

from rest_framework.permissions import BasePermission

from healthcare.core.needs import OPEN, SIGNED_IN


class RoleTable(BasePermission):
    def has_permission(self, request: Any, view: Any) -> bool:
        need = view.need
        if need is None:
            return False
        if need == OPEN:
            return True
        if request.auth is None:
            return False
        if need == SIGNED_IN:
            return True
        return view.caller.may(need) or (view.member is None and view.action in getattr(view, "open_to_joiners", ()))
