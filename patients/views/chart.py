"""What do views about one chart share? Which chart it is, and that the caller may do this to it."""

from uuid import UUID

from healthcare.core.errors import NotFound
from healthcare.core.views import ClinicViewSet
from patients.glass import seeing
from patients.models import Patient


class ChartViewSet(ClinicViewSet):
    tags: tuple[str, ...] = ("patients",)

    def chart(self, patient_id: UUID) -> Patient:
        """The chart, if the action's permission reaches it. Raises NotFound."""
        found = Patient.objects.visible_to(self.member, self.needs[self.action]).filter(pk=patient_id).first()
        if found is None:
            raise NotFound
        seeing.note(found, self.member)
        return found
