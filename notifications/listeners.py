"""Of what are people told? Entered into their ledger, or owed, in the transaction in which it happened."""

from django.utils import timezone

from accounts.events import PasswordChanged, PersonSignedIn, SecondStepChanged
from accounts.roles import Role
from appointments.events import AppointmentBooked, AppointmentCancelled, AppointmentMoved, FollowUpDue
from appointments.payments.events import PaymentReceived, PaymentRefunded
from appointments.queue.events import TokenStepped
from appointments.waitlist.events import WaitlistOffered
from healthcare.core.dead_letters import JobDied
from healthcare.core.events import listens_to
from healthcare.core.jobs import enqueue
from healthcare.core.tenancy import current_clinic, on_platform
from notifications.events import NotificationRead
from notifications.services import alerting, inviting, learning, reminding
from notifications.services.telling import tell_account, tell_of_appointment, tell_of_money, tell_patient
from patients.glass.events import ChartOpened, ReviewOverdue
from patients.models import Patient

# entries of a queue's log after which somebody may have come nearer
NEARER = (
    "token.called",
    "token.skipped",
    "token.held",
    "token.cancelled",
    "token.transferred",
    "token.started",
    "token.reordered",
)


@listens_to(AppointmentBooked)
def confirm(event: AppointmentBooked) -> None:
    tell_of_appointment(message="appointment_booked", appointment=event.appointment, version=event.version)
    reminding.plan(appointment=event.appointment, now=timezone.now())


@listens_to(AppointmentMoved)
def tell_new_time(event: AppointmentMoved) -> None:
    tell_of_appointment(message="appointment_moved", appointment=event.appointment, version=event.version)
    reminding.plan(appointment=event.appointment, now=timezone.now())


@listens_to(AppointmentCancelled)
def tell_of_cancellation(event: AppointmentCancelled) -> None:
    tell_of_appointment(message="appointment_cancelled", appointment=event.appointment, version=event.version)


@listens_to(FollowUpDue)
def ask_to_come_again(event: FollowUpDue) -> None:
    inviting.invite(follow_up_id=event.follow_up_id)


@listens_to(TokenStepped)
def look_who_is_near(event: TokenStepped) -> None:
    if event.event in NEARER:
        enqueue("queue.near", key=f"queue.near:{event.queue_id}:{event.seq}", queue_id=event.queue_id)


@listens_to(WaitlistOffered)
def tell_of_offer(event: WaitlistOffered) -> None:
    """Of the held time and until when; the appointment itself is pending, so nobody confirms it before it is accepted."""
    patient = Patient.objects.only("id", "language", "user_id").get(appointments=event.appointment_id)
    tell_patient(message="waitlist_offer", patient=patient, about={"offer": event.offer_id})


@listens_to(PaymentReceived)
def acknowledge(event: PaymentReceived) -> None:
    tell_of_money(message="payment_received", appointment_id=event.appointment_id, receipt_id=event.receipt_id)


@listens_to(PaymentRefunded)
def announce_refund(event: PaymentRefunded) -> None:
    tell_of_money(message="payment_refunded", appointment_id=event.appointment_id, receipt_id=event.receipt_id)


@listens_to(NotificationRead)
def learn_from_reading(event: NotificationRead) -> None:
    enqueue(learning.LEARN, key=f"{learning.LEARN}:{event.notification_id}", notification_id=event.notification_id)


@listens_to(PersonSignedIn)
def look_at_the_device(event: PersonSignedIn) -> None:
    with on_platform():
        key = f"{alerting.NEW_SIGN_IN}:{event.session_id}"
        enqueue(alerting.NEW_SIGN_IN, key=key, session_id=event.session_id)


@listens_to(PasswordChanged)
def tell_of_password(event: PasswordChanged) -> None:
    with on_platform():
        tell_account(message="password_changed", user_id=event.user_id)


@listens_to(SecondStepChanged)
def tell_of_second_step(event: SecondStepChanged) -> None:
    """A recovery code that was used is a change too: one of few is gone."""
    with on_platform():
        tell_account(message="mfa_changed", user_id=event.user_id)


@listens_to(JobDied)
def alert(event: JobDied) -> None:
    alerting.owe_alert(job_id=event.job_id, queue=event.queue, now=timezone.now())


@listens_to(ChartOpened)
def tell_of_opened_chart(event: ChartOpened) -> None:
    tell_patient(message="chart_opened", patient=Patient.objects.get(pk=event.patient_id), about={"opening": event.opening_id})
    ask_for_review(event)


@listens_to(ReviewOverdue)
def ask_for_review(event: "ChartOpened | ReviewOverdue") -> None:
    about, clinic_id = {"opening": event.opening_id}, current_clinic().id
    alerting.tell_holders(message="review_owed", roles=(Role.COMPLIANCE_OFFICER,), about=about, clinic_id=clinic_id)
