"""How does staff sign in to the admin? By email or phone and password; one answer to whatever is wrong."""

from django.utils.translation import gettext_lazy as _
from unfold.forms import AuthenticationForm


class StaffLogin(AuthenticationForm):
    error_messages = {
        **AuthenticationForm.error_messages,
        "invalid_login": _("This does not match a member of staff, or there were too many tries; wait a minute and try again."),
    }

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].label = _("Email or phone")
        self.fields["username"].widget.attrs["autocomplete"] = "username"
