"""What is in the charts of a throw-away clinic? In every section an entry of one's own, of another patient's, a deleted one."""

from typing import TYPE_CHECKING, Any

from django.utils import timezone

from accounts.membership import Member
from accounts.roles import Role
from healthcare.probe.canaries import Canaries, Canary
from healthcare.probe.operations import SECTIONS
from patients import sections
from patients.models import Amendment, ChartRow, Document, Erasure, Guardianship, ImportRun, LegalHold, Merge, Patient
from patients.services import documents
from patients.services.charts import enter_patient

if TYPE_CHECKING:
    from healthcare.probe.world import House


class ChartFilling:
    def __init__(self, house: "House", canaries: Canaries, charts: dict[str, Patient], desk: Member) -> None:
        self.house, self.canaries, self.charts, self.desk = house, canaries, charts, desk

    def run(self) -> None:
        for name in SECTIONS:
            self._note(name, {which: self._entry(name, which) for which in ("own", "sibling", "deleted")})
        self._note("amendment", {which: self._amendment(which) for which in ("own", "sibling", "deleted")})
        self._note("documents", {which: self._document(which) for which in ("own", "sibling", "deleted")})
        self._note("hold", {which: self._hold(which) for which in ("own", "sibling", "deleted")})
        self._note("merge", {which: self._merge(which) for which in ("own", "sibling", "deleted")})
        self._note("import", {which: self._import(which) for which in ("own", "sibling", "deleted")})
        self._note("erasure", {which: self._erasure(which) for which in ("own", "sibling", "deleted")})
        self._note("guardianship", {which: self._guardianship(which) for which in ("own", "sibling", "deleted")})
        self.house.ids["guardian"] = {"own": str(self.charts["own"].pk), "sibling": str(self.charts["sibling"].pk)}

    def _chart(self, which: str) -> Patient:
        return self.charts["sibling" if which == "sibling" else "own"]

    def _entry(self, name: str, which: str) -> ChartRow:
        said = {key: value for key, value in SECTIONS[name][2].items() if not str(value).startswith("@")}
        if name == "identifiers":
            said["value"] = f"{self.house.name}-{which}"
        return self._saved(sections.SECTIONS[name].model(patient=self._chart(which), **said))

    def _amendment(self, which: str) -> ChartRow:
        return self._saved(Amendment(patient=self._chart(which), text="Probe"))

    def _document(self, which: str) -> Document:
        chart, content = self._chart(which), f"Probe {self.house.name} {which}".encode()
        return documents.add(patient=chart, content=content, said="", file_name="probe.txt", title="Probe", by=self.desk)

    def _hold(self, which: str) -> LegalHold:
        row = LegalHold(patient=self._chart(which), reason="Probe", placed_by=self.desk.user_id)
        row.save(force_insert=True)
        return row

    def _merge(self, which: str) -> Merge:
        """Of a chart that has nothing, so that undoing it moves nothing."""
        source = enter_patient(by=self.desk, first_name="Probe")
        row = Merge(source=source, target=self._chart(which), reason="Probe")
        row.save(force_insert=True)
        Patient.objects.filter(pk=source.pk).update(merged_into=row.target_id)
        return row

    def _import(self, which: str) -> ImportRun:
        """Over already: the job of one that is done does nothing."""
        row = ImportRun(format="csv", source=f"{self.house.name} {which}".encode(), state=ImportRun.State.DONE)
        row.save(force_insert=True)
        return row

    def _erasure(self, which: str) -> Erasure:
        """Of charts of their own, so that nobody else's key goes."""
        chart = enter_patient(by=self.desk, first_name=f"Probe {which}")
        row = Erasure(patient=chart, basis="court_order", asked_by=self.desk.user_id, confirmed_at=timezone.now())
        row.save(force_insert=True)
        return row

    def _guardianship(self, which: str) -> ChartRow:
        """Staff as guardians: who acts for patients must be here as a patient, so these open nothing."""
        person = {"own": Role.NURSE, "sibling": Role.NURSE, "deleted": Role.THERAPIST}[which]
        guardian = self.house.people[person].id
        return self._saved(Guardianship(patient=self._chart(which), guardian_id=guardian, basis="court"))

    def _saved(self, row: ChartRow) -> ChartRow:
        row.recorded_by = self.desk.user_id
        row.save(force_insert=True)
        return row

    def _note(self, kind: str, rows: dict[str, Any]) -> None:
        for which, row in rows.items():
            self.house.ids.setdefault(kind, {})[which] = str(row.pk)
            self.canaries.add(row.pk, Canary(self.house.name, "row"))
            if which == "deleted":
                row.delete()
