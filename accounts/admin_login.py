"""How does staff sign in to the admin? As in the API: same limits, locks, second step; one answer to whatever is wrong."""

import math
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.forms import AuthenticationForm
from unfold.widgets import BASE_INPUT_CLASSES

from accounts.devices import token_for
from accounts.services import second_step, totp
from accounts.services.login import BadLogin, sign_in_person
from accounts.services.otp import BadCode
from healthcare.core.errors import TooMany

BACKEND = "accounts.authentication.AdminLogin"
DEVICE_COOKIE = "known_device"
DEVICE_AGE = 180 * 24 * 3600


class StaffLogin(AuthenticationForm):
    """One form; who has an authenticator gives its code in the same step."""

    error_messages = {
        **AuthenticationForm.error_messages,
        "invalid_login": _("This does not match a member of staff."),
        "too_many": _("Too many tries; wait %(minutes)s min and try again."),
        "code_needed": _("Give your password once more, and the code that your authenticator app shows (or a recovery code)."),
        "code_wrong": _("The code is wrong or was used before; wait for the next one."),
    }
    code = forms.CharField(
        required=False,
        max_length=20,
        label=_("Code of your authenticator app"),
        help_text=_("Only if you have set one up."),
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "inputmode": "text", "class": " ".join(BASE_INPUT_CLASSES)}
        ),
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].label = _("Email or phone")
        self.fields["username"].widget.attrs["autocomplete"] = "username"

    def clean(self) -> dict[str, Any]:
        username, password = self.cleaned_data.get("username"), self.cleaned_data.get("password")
        if username is not None and password:
            try:
                self.user_cache = self._person(username[:200], password[:200])
            except TooMany as refused:
                minutes = math.ceil((refused.retry_after or 60) / 60)
                raise self._error("too_many", minutes=minutes) from None
            self.confirm_login_allowed(self.user_cache)
        return self.cleaned_data

    def _person(self, username: str, password: str) -> Any:
        """Who it is, both steps taken. Raises ValidationError, TooMany."""
        shown = self.request.COOKIES.get(DEVICE_COOKIE, "") if self.request else ""
        try:
            user, number = sign_in_person(identifier=username, password=password, device_token=shown[:200])
        except BadLogin:
            raise self._error("invalid_login") from None
        self.confirm_login_allowed(user)
        if second_step.has(user.pk):
            code = self.cleaned_data.get("code", "")
            if not code:
                raise self._error("code_needed")
            try:
                totp.check(user_id=user.pk, code=code, now=timezone.now())
            except BadCode:
                raise self._error("code_wrong") from None
            user.second_step_given = True
        user.backend = BACKEND
        if self.request is not None:
            self.request.known_device = token_for(user, number)
        return user

    def _error(self, code: str, **named: object) -> ValidationError:
        return ValidationError(self.error_messages[code], code=code, params=named)
