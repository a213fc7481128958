"""Whose chart is it? A patient of this clinic; the person's account, if any, is linked to the chart, never equal to it."""

from typing import Any

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models.functions import Cast, Collate, Concat, LPad

from accounts.fields import depends_on_whose
from accounts.identifiers import plain_email, plain_phone
from accounts.membership import Member
from accounts.roles import Reach
from healthcare.core.crypto import Scope, clinic_scope, patient_scope
from healthcare.core.fields import BlindIndex, SealedDate, SealedText, blind_of
from healthcare.core.prefix_index import PrefixIndex, sought
from healthcare.core.tenancy import ClinicRow, current_clinic
from healthcare.core.versions import Versioned
from patients import names


class PatientQuerySet(models.QuerySet["Patient"]):
    def visible_to(self, member: Member, permission: str) -> "PatientQuerySet":
        """All, one's own (those one treats, is guardian for, or opened in an emergency), or none, as the role table says."""
        match member.reach(permission):
            case Reach.ALL:
                if not depends_on_whose("patient", member):
                    return self
                own = Patient.objects.own_of(member, permission).filter(pk=models.OuterRef("pk"))
                return self.annotate(is_own=models.Exists(own))
            case Reach.OWN:
                return self.own_of(member, permission).annotate(is_own=models.Value(True))
        return self.none()

    def own_of(self, member: Member, permission: str) -> "PatientQuerySet":
        from patients.glass.seeing import opened

        mine = models.Q(user=member.user_id) | models.Q(appointments__practitioner__user=member.user_id)
        mine |= models.Q(pk__in=opened(member, permission))
        return self.filter(mine | self._in_ones_care(member)).distinct()

    def living(self) -> "PatientQuerySet":
        """Those that are neither part of another chart by now nor erased: what lists and searches show."""
        return self.filter(merged_into=None, erased_at=None)

    def found_by(self, criterion: str, value: Any) -> "PatientQuerySet":
        """By `name`, `mrn`, `phone`, `email`, `date_of_birth` or `identifier`, exact but for the name.

        An MRN is as it is read from a card: case, spaces and the dash don't matter.
        """
        scope = clinic_scope(current_clinic().id)
        match criterion:
            case "name":
                return self.named(value)
            case "mrn":
                plain = value.upper().replace("-", "").replace(" ", "")
                return self.filter(mrn__in=[f"{plain[:4]}-{plain[4:]}", value.strip().upper()])
            case "identifier":
                from patients.models.identifiers import Identifier

                number = blind_of(Identifier, "value_index", value, scope)
                return self.filter(pk__in=Identifier.objects.filter(value_index=number, withdrawn_at=None).values("patient"))
        index = {"phone": "phone_index", "email": "email_index", "date_of_birth": "birth_index"}[criterion]
        return self.filter(**{index: blind_of(Patient, index, value, scope)})

    def named(self, text: str) -> "PatientQuerySet":
        """Those with a word in their name that begins like it, for each word of `text`; none where it has no word.

        `place` orders them: who bears more of the words whole comes first, then the newest chart.
        """
        words = sought(Patient, "name_index", names.typed(text), clinic_scope(current_clinic().id))
        if not words:
            return self.none()
        whole = sum((_one_if(models.Q(name_index__contains=[word.whole])) for word in words), models.Value(0))
        place = Concat(LPad(Cast(whole, models.CharField()), 2, models.Value("0")), Cast("id", models.CharField()))
        found = self.filter(name_index__contains=[word.beginning for word in words])
        return found.annotate(place=Collate(place, "C"))

    def _in_ones_care(self, member: Member) -> models.Q:
        from patients.models.guardians import dependants_of

        return models.Q(pk__in=dependants_of(member))


def _one_if(condition: models.Q) -> models.Case:
    return models.Case(models.When(condition, then=1), default=0, output_field=models.IntegerField())


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
    birth_index = BlindIndex(source="date_of_birth", label="patient.date_of_birth")
    name_index = PrefixIndex(sources=("first_name", "last_name"), label="patient.name", words="name_words")
    language = models.CharField(max_length=10, default="en")
    created_at = models.DateTimeField(auto_now_add=True)
    merged_into = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+")
    erased_at = models.DateTimeField(null=True)

    plain_email = staticmethod(plain_email)
    plain_phone = staticmethod(plain_phone)
    name_words = staticmethod(names.words)

    objects = PatientQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["mrn"], name="patient_mrn_once"),
            models.UniqueConstraint(fields=["user"], name="patient_user_once"),
        ]
        indexes = [
            models.Index(fields=["phone_index"], name="patient_by_phone"),
            models.Index(fields=["email_index"], name="patient_by_email"),
            models.Index(fields=["birth_index"], name="patient_by_birth"),
            GinIndex(fields=["name_index"], name="patient_by_name", fastupdate=False),
        ]

    def __str__(self) -> str:
        return self.mrn

    def seal_scope(self) -> Scope:
        return patient_scope(current_clinic().id, self.id)

    def index_scope(self) -> Scope:
        return clinic_scope(current_clinic().id)

    def is_own_of(self, member: Member) -> bool:
        """Found as the member's own, or their own chart."""
        return self.__dict__.get("is_own", False) or self.user_id == member.user_id

    @property
    def full_name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()

    @property
    def initials(self) -> str:
        return "".join(word[:1] for word in (self.first_name, self.last_name) if word)
