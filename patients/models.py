"""Whose chart is it? A patient of this clinic; the person's account, if any, is linked to the chart, never equal to it."""

from django.conf import settings
from django.db import models

from accounts.identifiers import plain_email, plain_phone
from accounts.membership import Member
from accounts.roles import Reach
from healthcare.core.crypto import Scope, clinic_scope, patient_scope
from healthcare.core.fields import BlindIndex, SealedDate, SealedText
from healthcare.core.tenancy import ClinicRow, current_clinic
from healthcare.core.versions import Versioned


class PatientQuerySet(models.QuerySet["Patient"]):
    def visible_to(self, member: Member, permission: str) -> "PatientQuerySet":
        """All, one's own chart (and those one treats), or none, as the role table says."""
        match member.reach(permission):
            case Reach.ALL:
                return self
            case Reach.OWN:
                treats = models.Q(appointments__practitioner__user=member.user_id)
                mine = self.filter(models.Q(user=member.user_id) | treats).distinct()
                return mine.annotate(is_own=models.Value(True))
        return self.none()


class Patient(ClinicRow, Versioned):
    """A chart. What identifies a person is sealed under the patient's own key; look-up is by blind index of the clinic."""

    class Sex(models.TextChoices):
        FEMALE = "female"
        MALE = "male"
        OTHER = "other"
        UNKNOWN = "unknown"

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    mrn = models.CharField(max_length=20)
    first_name = SealedText(label="patient.first_name")
    last_name = SealedText(label="patient.last_name", blank=True)
    date_of_birth = SealedDate(label="patient.date_of_birth", null=True, blank=True)
    sex = models.CharField(max_length=10, choices=Sex.choices, default=Sex.UNKNOWN)
    phone = SealedText(label="patient.phone", null=True, blank=True)
    email = SealedText(label="patient.email", null=True, blank=True)
    phone_index = BlindIndex(source="phone", label="patient.phone", normalise="plain_phone")
    email_index = BlindIndex(source="email", label="patient.email", normalise="plain_email")
    language = models.CharField(max_length=10, default="en")
    created_at = models.DateTimeField(auto_now_add=True)

    plain_email = staticmethod(plain_email)
    plain_phone = staticmethod(plain_phone)

    objects = PatientQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["mrn"], name="patient_mrn_once"),
            models.UniqueConstraint(fields=["user"], name="patient_user_once"),
        ]
        indexes = [
            models.Index(fields=["phone_index"], name="patient_by_phone"),
            models.Index(fields=["email_index"], name="patient_by_email"),
        ]

    def __str__(self) -> str:
        return self.mrn

    def seal_scope(self) -> Scope:
        return patient_scope(current_clinic().id, self.id)

    def index_scope(self) -> Scope:
        return clinic_scope(current_clinic().id)

    def is_own_of(self, member: Member) -> bool:
        """Found as the member's own, or their own chart."""
        return "is_own" in self.__dict__ or self.user_id == member.user_id

    @property
    def full_name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()

    @property
    def initials(self) -> str:
        return "".join(word[:1] for word in (self.first_name, self.last_name) if word)
