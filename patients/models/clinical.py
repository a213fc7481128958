"""What is known of the person's health? Allergies, conditions, notes, prescriptions, constitution."""

from django.db import models

from healthcare.core.fields import SealedDate, SealedJSON, SealedText
from patients.models.rows import ChartRow
from patients.models.visits import Visit


class Allergy(ChartRow):
    class Category(models.TextChoices):
        MEDICATION = "medication"
        FOOD = "food"
        ENVIRONMENT = "environment"
        BIOLOGIC = "biologic"
        OTHER = "other"

    class Criticality(models.TextChoices):
        LOW = "low"
        HIGH = "high"
        UNKNOWN = "unknown"

    substance = SealedText(label="allergy.substance")
    code = SealedText(label="allergy.code", blank=True)  # of `system`, e.g. SNOMED CT
    system = models.CharField(max_length=200, blank=True)
    reaction = SealedText(label="allergy.reaction", blank=True)
    category = models.CharField(max_length=12, choices=Category.choices, default=Category.OTHER)
    criticality = models.CharField(max_length=8, choices=Criticality.choices, default=Criticality.UNKNOWN)
    is_active = models.BooleanField(default=True)


class Condition(ChartRow):
    class Status(models.TextChoices):
        ACTIVE = "active"
        RECURRENCE = "recurrence"
        REMISSION = "remission"
        RESOLVED = "resolved"

    name = SealedText(label="condition.name")
    code = SealedText(label="condition.code", blank=True)  # of `system`, e.g. ICD-10
    system = models.CharField(max_length=200, blank=True)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.ACTIVE)
    onset_on = SealedDate(label="condition.onset_on", null=True, blank=True)
    ended_on = SealedDate(label="condition.ended_on", null=True, blank=True)
    note = SealedText(label="condition.note", blank=True)
    is_sensitive = models.BooleanField(default=False)


class Note(ChartRow):
    """A clinical note, of a visit or of the chart. A sensitive one is its author's unless the patient consents to more."""

    visit = models.ForeignKey(Visit, on_delete=models.PROTECT, null=True, blank=True, related_name="notes")
    text = SealedText(label="note.text")
    is_sensitive = models.BooleanField(default=False)

    class Meta:
        indexes = [models.Index(fields=["patient", "-id"], name="note_by_patient")]


class Prescription(ChartRow):
    class Status(models.TextChoices):
        ACTIVE = "active"
        STOPPED = "stopped"
        COMPLETED = "completed"

    visit = models.ForeignKey(Visit, on_delete=models.PROTECT, null=True, blank=True, related_name="prescriptions")
    drug = SealedText(label="prescription.drug")
    dose = SealedText(label="prescription.dose", blank=True)  # "500 mg"
    route = SealedText(label="prescription.route", blank=True)  # "oral"
    timing = SealedText(label="prescription.timing", blank=True)  # "twice a day after food"
    instructions = SealedText(label="prescription.instructions", blank=True)
    starts_on = SealedDate(label="prescription.starts_on", null=True, blank=True)
    ends_on = SealedDate(label="prescription.ends_on", null=True, blank=True)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.ACTIVE)

    class Meta:
        indexes = [models.Index(fields=["patient", "-id"], name="prescription_by_patient")]


class Constitution(ChartRow):
    """Ayurveda: the person's nature (prakriti) and present state (vikriti), each as shares of vata, pitta and kapha in %."""

    prakriti = SealedJSON(label="constitution.prakriti")  # {"vata": 40, "pitta": 35, "kapha": 25}
    vikriti = SealedJSON(label="constitution.vikriti", null=True, blank=True)
    agni = SealedText(label="constitution.agni", blank=True)
    remarks = SealedText(label="constitution.remarks", blank=True)

    class Meta:
        indexes = [models.Index(fields=["patient", "-id"], name="constitution_by_patient")]
