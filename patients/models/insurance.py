"""Who pays? The policies a person is insured by."""

from django.db import models

from healthcare.core.fields import SealedDate, SealedText
from patients.models.rows import ChartRow


class Insurance(ChartRow):
    insurer = SealedText(label="insurance.insurer")
    plan = SealedText(label="insurance.plan", blank=True)
    policy_number = SealedText(label="insurance.policy_number")
    holder = SealedText(label="insurance.holder", blank=True)  # whose policy it is, where not the patient's own
    valid_from = SealedDate(label="insurance.valid_from", null=True, blank=True)
    valid_until = SealedDate(label="insurance.valid_until", null=True, blank=True)
    is_primary = models.BooleanField(default=True)
