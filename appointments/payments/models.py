"""What was to be paid for an appointment, what was paid, what went back, and which paper says so?"""

from decimal import Decimal

from django.db import models
from django.db.models import F, Q

from accounts.membership import Member
from accounts.roles import Reach
from appointments.models import Appointment
from appointments.payments.money import DIGITS, PLACES
from healthcare.core.crypto import Scope, clinic_scope
from healthcare.core.fields import SealedText
from healthcare.core.tenancy import ClinicRow, current_clinic
from healthcare.core.versions import Versioned

NOTHING = Decimal(0)


class Money(models.DecimalField):
    """Any ISO 4217 amount. How many places it may use is `money.exact`."""

    def __init__(self, **kwargs: object) -> None:
        kwargs = {"max_digits": DIGITS, "decimal_places": PLACES, **kwargs}
        super().__init__(**kwargs)  # type: ignore[arg-type]


class GatewayAccount(ClinicRow, Versioned):
    """The clinic's own account at a gateway: money goes to the clinic, never through the platform."""

    provider = models.CharField(max_length=20)
    secret_key = SealedText(label="gateway_account.secret_key")
    webhook_secret = SealedText(label="gateway_account.webhook_secret")
    is_active = models.BooleanField(default=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["provider"], name="gateway_account_provider_once")]

    def __str__(self) -> str:
        return self.provider

    def seal_scope(self) -> Scope:
        return clinic_scope(current_clinic().id)


def chargeable_to(member: Member, permission: str) -> models.QuerySet[Appointment]:
    """Appointments whose money the member may deal with: all, or those of which they are the patient (not the doctor)."""
    match member.reach(permission):
        case Reach.ALL:
            return Appointment.objects.all()
        case Reach.OWN:
            return Appointment.objects.filter(patient__user=member.user_id)
    return Appointment.objects.none()


class Bill(ClinicRow, Versioned):
    """What one appointment costs, and how much of that is taken: payments open or received, less what was given back.

    Its row is locked by every verb about the appointment's money, before any payment's.
    """

    appointment = models.OneToOneField(Appointment, on_delete=models.PROTECT, related_name="bill")
    price = Money()
    currency = models.CharField(max_length=3)
    taken = Money(default=NOTHING)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(taken__gte=0), name="bill_taken_not_negative"),
            models.CheckConstraint(condition=Q(taken__lte=F("price")), name="bill_never_overpaid"),
            models.CheckConstraint(condition=Q(currency__regex=r"^[A-Z]{3}$"), name="bill_currency_iso4217"),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class PaymentQuerySet(models.QuerySet["Payment"]):
    def visible_to(self, member: Member, permission: str) -> "PaymentQuerySet":
        match member.reach(permission):
            case Reach.ALL:
                return self
            case Reach.OWN:
                return self.filter(bill__appointment__patient__user=member.user_id)
        return self.none()

    def whole(self) -> "PaymentQuerySet":
        """With what an answer shows, in two statements."""
        return self.select_related("bill", "receipt").prefetch_related("refunds__receipt")


class Payment(ClinicRow, Versioned):
    """One try to take money. `returned` counts refunds that are owed or made; what failed is taken off again."""

    class Method(models.TextChoices):
        CASH = "cash"
        CARD = "card"
        UPI = "upi"
        ONLINE = "online"

    class State(models.TextChoices):
        OPENING = "opening"  # the gateway does not know of it yet
        OPEN = "open"  # the patient may pay at `pay_url`
        CLOSING = "closing"  # not wanted any more; the gateway has the last word
        RECEIVED = "received"
        LAPSED = "lapsed"  # nobody paid; it can't be paid any more

    bill = models.ForeignKey(Bill, on_delete=models.PROTECT, related_name="payments")
    amount = Money()
    returned = Money(default=NOTHING)
    method = models.CharField(max_length=10, choices=Method.choices)
    state = models.CharField(max_length=10, choices=State.choices)
    provider = models.CharField(max_length=20)
    provider_id = models.CharField(max_length=255, blank=True)  # what the gateway calls it
    charge_id = models.CharField(max_length=255, blank=True)  # what the gateway calls the money itself
    pay_url = SealedText(label="payment.pay_url", blank=True)
    reference = models.CharField(max_length=40, blank=True)  # of a terminal's slip or a UPI transfer
    taken_by = models.UUIDField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True)
    received_at = models.DateTimeField(null=True)

    objects = PaymentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="payment_amount_positive"),
            models.CheckConstraint(
                condition=Q(returned__gte=0, returned__lte=F("amount")), name="payment_returned_within_amount"
            ),
            models.CheckConstraint(condition=Q(returned=0) | Q(state="received"), name="payment_only_received_returns"),
            models.CheckConstraint(condition=Q(received_at=None) ^ Q(state="received"), name="payment_received_has_instant"),
            models.UniqueConstraint(
                fields=["provider", "provider_id"], condition=~Q(provider_id=""), name="payment_provider_id_once"
            ),
        ]
        indexes = [
            models.Index(fields=["bill", "id"], name="payment_by_bill"),
            models.Index(fields=["charge_id"], name="payment_by_charge", condition=~Q(charge_id="")),
        ]

    def __str__(self) -> str:
        return str(self.pk)

    def seal_scope(self) -> Scope:
        return clinic_scope(current_clinic().id)


S = Payment.State
UNSETTLED = (S.OPENING, S.OPEN, S.CLOSING)


class Refund(ClinicRow, Versioned):
    """Money that goes back. Its id is the gateway's idempotency key, so it goes back once."""

    class State(models.TextChoices):
        OWED = "owed"
        DONE = "done"
        FAILED = "failed"  # the gateway said no: as if it had never been asked for
        BOUNCED = "bounced"  # went out and came back: the clinic still owes it, by another way

    class Why(models.TextChoices):
        CANCELLED = "cancelled"
        DUPLICATE = "duplicate"
        NOT_PROVIDED = "not_provided"
        GOODWILL = "goodwill"
        OUTSIDE = "outside"  # given back at the gateway's own desk

    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="refunds")
    amount = Money()
    state = models.CharField(max_length=10, choices=State.choices)
    why = models.CharField(max_length=20, choices=Why.choices)
    provider_id = models.CharField(max_length=255, blank=True)
    by = models.UUIDField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    done_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="refund_amount_positive"),
            models.UniqueConstraint(fields=["provider_id"], condition=~Q(provider_id=""), name="refund_provider_id_once"),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class ReceiptBook(ClinicRow):
    """The last number of a year; taken under this row's lock, so there is no gap and none twice."""

    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["year"], name="receipt_book_year_once")]

    def __str__(self) -> str:
        return str(self.year)


class Receipt(ClinicRow):
    """The paper for money received or given back: `2026-000001`. Never altered."""

    year = models.PositiveSmallIntegerField()  # in the clinic's zone
    serial = models.PositiveIntegerField()  # 1, 2, 3 … without gaps
    payment = models.OneToOneField(Payment, on_delete=models.PROTECT, null=True, related_name="receipt")
    refund = models.OneToOneField(Refund, on_delete=models.PROTECT, null=True, related_name="receipt")
    issued_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["year", "serial"], name="receipt_number_once"),
            models.CheckConstraint(condition=Q(payment=None) ^ Q(refund=None), name="receipt_for_one_thing"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        return f"{self.year}-{self.serial:06d}"


class GatewayNote(ClinicRow):
    """What a gateway told us, once: its event's id and what it is about. The facts are asked of the gateway itself."""

    provider = models.CharField(max_length=20)
    event_id = models.CharField(max_length=255)
    about = models.CharField(max_length=255)  # the gateway's id of a checkout, a charge or a refund
    received_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["provider", "event_id"], name="gateway_note_event_once")]

    def __str__(self) -> str:
        return str(self.pk)
