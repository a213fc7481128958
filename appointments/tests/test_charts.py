"""May who sees a patient in an emergency read what the patient closed, and nobody else?"""

import pytest
from django.utils import timezone

from appointments.models import Appointment
from healthcare.tests import make
from healthcare.tests.client import client
from patients.services import consenting

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("priority", "state", "status"),
    [("emergency", "in_progress", 200), ("emergency", "scheduled", 403), ("urgent", "in_progress", 403)],
)
def test_a_withdrawn_consent_yields_to_an_emergency_that_is_here(in_north, member, priority, state, status):
    doctor = member("doctor")
    patient, card, now = make.patient(), make.practitioner(user_id=doctor.user_id), timezone.now()
    Appointment(
        kind="consultation", patient=patient, practitioner=card, location_id=card.location_id, starts_at=now,
        ends_at=now + timezone.timedelta(minutes=10), priority=priority, state=state,
    ).save()  # fmt: skip
    consenting.decide(patient=patient, purpose="treatment", decision="withdrawn", wording="1", by=doctor)
    assert client(doctor, "north").get(f"/patients/{patient.id}/conditions").status_code == status
