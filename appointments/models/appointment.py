"""What was agreed? An appointment, its state and every step it took."""

from collections.abc import Sequence
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Subquery
from django.utils import timezone
from django.utils.formats import date_format

from accounts.fields import depends_on_whose
from accounts.membership import Member
from accounts.roles import Reach
from appointments.models.practitioner import Practitioner
from appointments.models.resource import GroupSession
from appointments.workflow import State
from clinics.models import Location
from healthcare.core.crypto import Scope, patient_scope
from healthcare.core.fields import SealedText
from healthcare.core.tenancy import ClinicRow, current_clinic
from healthcare.core.versions import Versioned
from patients.glass.seeing import opened
from patients.models import Patient, dependants_of


class AppointmentQuerySet(models.QuerySet["Appointment"]):
    def visible_to(self, member: Member, permission: str) -> "AppointmentQuerySet":
        """All, those one takes part in, or none, as the role table says."""
        match member.reach(permission):
            case Reach.ALL:
                if not depends_on_whose("appointment", member):
                    return self
                own = Appointment.objects.own_of(member, permission).filter(pk=OuterRef("pk"))
                return self.annotate(is_own=Exists(own))
            case Reach.OWN:
                return self.own_of(member, permission).annotate(is_own=models.Value(True))
        return self.none()

    def own_of(self, member: Member, permission: str) -> "AppointmentQuerySet":
        return self.of_person(member.user_id, acting_for=[*dependants_of(member), *opened(member, permission)])

    def of_person(self, user_id: UUID, acting_for: Sequence[UUID] = ()) -> "AppointmentQuerySet":
        """Those a person takes part in, as the patient or the practitioner (both links are unique: two index look-ups).

        `acting_for`: the charts of patients for whom they act, or that they opened in an emergency.
        """
        if acting_for:
            return self.filter(Q(pk__in=self.of_person(user_id).values("pk")) | Q(patient__in=acting_for))
        chart = Patient.objects.filter(user=user_id).values("pk")
        card = Practitioner.objects.filter(user=user_id).values("pk")
        return self.filter(Q(patient=Subquery(chart)) | Q(practitioner=Subquery(card)))

    def for_page(self) -> "AppointmentQuerySet":
        """With what an answer shows, so that it needs no query per row."""
        zone = Location.objects.filter(pk=OuterRef("location_id")).values("zone")
        return self.select_related("patient", "practitioner").annotate(place_zone=Subquery(zone))


class Priority(models.TextChoices):
    """The most pressing first."""

    EMERGENCY = "emergency"
    URGENT = "urgent"
    HIGH = "high"
    NORMAL = "normal"
    LOW = "low"
    ROUTINE = "routine"


class Appointment(ClinicRow, Versioned):
    """A patient, a practitioner and a time. Its state changes by the verbs of `services` only; what it holds are its claims."""

    kind = models.CharField(max_length=40)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="appointments")
    practitioner = models.ForeignKey(Practitioner, on_delete=models.PROTECT, related_name="appointments")
    location_id = models.UUIDField()
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    state = models.CharField(max_length=12, choices=[(s.value, s.value) for s in State], default=State.SCHEDULED)
    priority = models.CharField(max_length=10, choices=Priority.choices, default=Priority.NORMAL)
    reason = SealedText(label="appointment.reason", blank=True)
    cancel_reason = SealedText(label="appointment.cancel_reason", blank=True)
    booked_by = models.UUIDField(null=True)
    expires_at = models.DateTimeField(null=True)  # of a pending one that nobody has confirmed yet: a hold
    overbook_reason = SealedText(label="appointment.overbook_reason", null=True, blank=True)  # why it is above capacity
    group = models.ForeignKey(GroupSession, on_delete=models.PROTECT, null=True, blank=True, related_name="appointments")
    transferred_to = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="transferred_from")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = AppointmentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="appointment_ends_after_start"),
            models.CheckConstraint(condition=Q(priority__in=Priority.values), name="appointment_priority_known"),
            models.CheckConstraint(condition=Q(state__in=[s.value for s in State]), name="appointment_state_known"),
        ]
        indexes = [
            models.Index(fields=["practitioner", "starts_at"], name="appointment_by_practitioner"),
            models.Index(fields=["patient", "-starts_at"], name="appointment_by_patient"),
            models.Index(fields=["starts_at", "id"], name="appointment_by_start"),
        ]

    def __str__(self) -> str:
        """When it is, on the clinic's clock: what tells it from others without telling whose it is."""
        return date_format(timezone.localtime(self.starts_at), "D j M Y, H:i")

    @property
    def zone(self) -> ZoneInfo:
        """Of its location; costs a query unless the row came `for_page`."""
        known = self.__dict__.get("place_zone")
        return ZoneInfo(known) if known else self.practitioner.place.clock

    def is_own_of(self, member: Member) -> bool:
        """Found as the member's own, or they are its patient or practitioner."""
        return self.__dict__.get("is_own", False) or member.user_id in (self.patient.user_id, self.practitioner.user_id)

    def seal_scope(self) -> Scope:
        return patient_scope(current_clinic().id, self.patient_id)


class Transition(ClinicRow):
    """One step of the workflow: verb, from, to, who, when. Written with the step, never changed."""

    appointment = models.ForeignKey(Appointment, on_delete=models.PROTECT, related_name="transitions")
    verb = models.CharField(max_length=20)
    from_state = models.CharField(max_length=12, blank=True)
    to_state = models.CharField(max_length=12)
    by = models.UUIDField(null=True)
    at = models.DateTimeField()
    details: "models.JSONField[dict[str, object], dict[str, object]]" = models.JSONField(default=dict)  # ids and instants

    class Meta:
        indexes = [models.Index(fields=["appointment", "at"], name="transition_by_appointment")]

    def __str__(self) -> str:
        return self.verb
