"""Does a kind from another package work from booking to after-care, named in one line of the settings?"""

import datetime as dt
from typing import Any

import pytest

from appointments.models import Claim, Instruction, Resource
from appointments.plugins.testing import NOW, KindConformance
from appointments.services import instructions, steps
from appointments.tests import scene
from appointments.tests.scene import at, booked
from healthcare.core.models import Job
from healthcare.core.tenancy import on_platform
from healthcare.tests import make
from healthcare.tests.acupuncture.kinds import Acupuncture, NeedlesMissing


class TestAcupuncture(KindConformance):
    kind = Acupuncture()

    def rule_holds(self) -> bool:
        near, far = self.refused([("acupuncture", dt.timedelta(days=1))]), self.refused([("acupuncture", dt.timedelta(days=2))])
        young, tongue = self.refused(date_of_birth=dt.date(NOW.year - 17, 1, 1)), self.refused(language="tlh")
        return (near, far, young, tongue) == ({"too_soon_after_last"}, set(), {"too_young"}, {"not_in_this_language"})


@pytest.mark.django_db
def test_it_is_booked_in_a_room_refuses_by_its_hook_and_leaves_after_care(in_north: Any, settings: Any) -> None:
    settings.APPOINTMENT_PLUGINS = [*settings.APPOINTMENT_PLUGINS, "healthcare.tests.acupuncture.kinds.Acupuncture"]
    doctor = scene.doctor(kinds=["acupuncture"])
    Resource(type="room", name="One", location_id=doctor.location_id, kinds=["acupuncture"]).save()
    row = booked(doctor, make.patient(date_of_birth=dt.date(1990, 1, 1)), at("1 9:00"), kind="acupuncture")
    assert Claim.objects.filter(appointment=row, resource="room").count() == 1
    with on_platform():
        assert Job.objects.filter(name="kind.care", queue="enhanced-appointment").count() == 1
    steps.check_in(appointment=row, by=None, now=at("1 8:50"))
    with pytest.raises(NeedlesMissing):
        steps.complete(appointment=row, by=None, now=at("1 9:30"))
    steps.start(appointment=row, by=None, now=at("1 9:00"))
    steps.complete(appointment=row, by=None, now=at("1 9:40"))
    instructions.write(appointment_id=row.pk)
    assert list(Instruction.objects.order_by("due_at").values_list("phase", flat=True)) == ["before", "after"]
