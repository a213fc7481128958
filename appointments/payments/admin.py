"""What does staff see of money in the admin? Payments with what went back; the clinic's gateway, to set up; taking some."""

from typing import Any

from django import forms
from django.contrib import admin
from django.utils import timezone
from unfold.admin import TabularInline

from appointments.admin import AppointmentAdmin
from appointments.payments.admin_taking import may_take, take_money
from appointments.payments.models import GatewayAccount, Payment, Refund
from appointments.payments.providers.registry import GATEWAYS
from appointments.payments.services import refunding
from healthcare.core.admin import ClinicAdmin, ReadOnlyAdmin, each

AppointmentAdmin.add_button("take_money", take_money, may_take)


class RefundInline(TabularInline):
    model = Refund
    extra = max_num = 0
    can_delete = False
    fields = readonly_fields = ("amount", "state", "why", "created_at", "done_at", "receipt")


@admin.register(Payment)
class PaymentAdmin(ReadOnlyAdmin):
    sees = "payment.view"
    inlines = (RefundInline,)
    list_display = ("created_at", "mrn", "amount", "currency", "method", "state", "returned", "receipt")
    list_filter = ("state", "method")
    list_select_related = ("bill__appointment__patient", "receipt")
    date_hierarchy = "created_at"
    ordering = ("-created_at", "-id")
    search_fields = ("=bill__appointment__patient__mrn",)
    search_help_text = "The whole MRN."
    fields = ("amount", "currency", "method", "state", "returned", "reference", "created_at", "received_at", "receipt")
    readonly_fields = ("currency", "receipt")
    actions = ("refund",)

    @admin.action(description="Give back all that is left of these payments", permissions=["refund"])
    def refund(self, request: Any, rows: Any) -> None:
        known = {"why": Refund.Why.CANCELLED, "by": request.member.user_id, "now": timezone.now()}
        each(request, rows, lambda row: refunding.refund(payment_id=row.pk, **known), "Given back")

    def has_refund_permission(self, request: Any) -> bool:
        return request.member is not None and request.member.may("payment.refund")

    def get_list_display(self, request: Any) -> Any:
        """Who keeps the books need not know whose chart it is."""
        knows = request.member is not None and request.member.may("patient.view")
        return self.list_display if knows else tuple(name for name in self.list_display if name != "mrn")

    def get_search_fields(self, request: Any) -> Any:
        return self.search_fields if "mrn" in self.get_list_display(request) else ()

    @admin.display(description="MRN")
    def mrn(self, row: Payment) -> str:
        return row.bill.appointment.patient.mrn

    @admin.display(description="Currency")
    def currency(self, row: Payment) -> str:
        return row.bill.currency


class AccountForm(forms.ModelForm):
    """Secrets are written, never shown: an empty field keeps what is there."""

    provider = forms.ChoiceField(choices=[(code, code.title()) for code in GATEWAYS])
    secret_key = forms.CharField(required=False, widget=forms.PasswordInput(attrs={"autocomplete": "off"}))
    webhook_secret = forms.CharField(required=False, widget=forms.PasswordInput(attrs={"autocomplete": "off"}))

    class Meta:
        model = GatewayAccount
        fields = ("provider", "secret_key", "webhook_secret", "is_active")

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        for name in ("secret_key", "webhook_secret"):
            if not given.get(name):
                if self.instance._state.adding:
                    self.add_error(name, "Needed.")
                else:
                    given[name] = getattr(self.instance, name)
        return given


@admin.register(GatewayAccount)
class GatewayAccountAdmin(ClinicAdmin):
    form = AccountForm
    list_display = ("provider", "is_active")
    ordering = ("provider",)
