"""How is a section of a chart read and written? One view set for all; `section_views.py` says for which, in which shapes."""

from typing import Any, ClassVar
from uuid import UUID

from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.response import Response

from healthcare.core.errors import NotFound
from healthcare.core.fields import warm
from patients.models import ChartRow
from patients.sections import SECTIONS, Section
from patients.services import consenting, entries
from patients.views.chart import ChartViewSet


class SectionViewSet(ChartViewSet):
    section: ClassVar[Section]
    takes: ClassVar[Any]
    changes: ClassVar[Any]
    gives: ClassVar[Any]
    row: ChartRow | None = None

    def list(self, request: Any, patient_id: UUID) -> Response:
        """What stands there and the caller may see, the newest first."""
        return self.page(self._readable(patient_id), self.gives, prepare=warm)

    def create(self, request: Any, patient_id: UUID) -> Response:
        patient = self.chart(patient_id)
        row = entries.enter(patient=patient, section=self.section, by=self.member, **self.parsed(self.takes))
        return self.answer(row, self.gives, status=201)

    def retrieve(self, request: Any, patient_id: UUID, row_id: UUID) -> Response:
        return self.answer(self._one(patient_id, row_id), self.gives)

    def partial_update(self, request: Any, patient_id: UUID, row_id: UUID) -> Response:
        """Correct it; what it said before stays in the chart's history, with `change_reason`."""
        self.row = row = self._one(patient_id, row_id)
        said = self.parsed(self.changes)
        self.fresh(row)
        return self.answer(entries.correct(row=row, section=self.section, by=self.member, **said), self.gives)

    def destroy(self, request: Any, patient_id: UUID, row_id: UUID) -> Response:
        """Set it aside as entered in error; it is kept."""
        row = self._one(patient_id, row_id)
        self.fresh(row)
        entries.withdraw(row=row, section=self.section, by=self.member)
        return Response(status=204)

    def get_serializer_context(self) -> dict[str, Any]:
        """What an entry is (its kind, its sign) does not change, and is asked for when its value does."""
        known = {name: getattr(self.row, name, None) for name in ("kind", "sign")} if self.row is not None else {}
        return {**super().get_serializer_context(), **known}

    def _readable(self, patient_id: UUID) -> Any:
        rows = consenting.readable(section=self.section, patient=self.chart(patient_id), member=self.member)
        return rows.select_related("patient")

    def _one(self, patient_id: UUID, row_id: UUID) -> ChartRow:
        if (found := self._readable(patient_id).filter(pk=row_id).first()) is None:
            raise NotFound
        return found  # type: ignore[no-any-return]


def section_view(name: str, takes: Any, changes: Any, gives: Any) -> type[SectionViewSet]:
    """The view set of one section."""
    section = SECTIONS[name]
    known = {
        "tags": ("charts",),
        "section": section,
        "queryset": section.model._default_manager.none(),
        "takes": takes,
        "changes": changes,
        "gives": gives,
        "needs": {
            "list": section.read,
            "retrieve": section.read,
            "create": section.write,
            "partial_update": section.write,
            "destroy": section.write,
        },
        "__module__": __name__,
    }
    made = type(f"{name.title()}ViewSet", (SectionViewSet,), known)
    told = extend_schema_view(
        list=extend_schema(operation_id=f"{name}_list", responses={200: gives(many=True)}),
        create=extend_schema(operation_id=f"{name}_enter", request=takes, responses={201: gives}),
        retrieve=extend_schema(operation_id=f"{name}_read", responses={200: gives}),
        partial_update=extend_schema(operation_id=f"{name}_correct", request=changes, responses={200: gives}),
        destroy=extend_schema(operation_id=f"{name}_withdraw", request=None, responses={204: None}),
    )
    return told(made)  # type: ignore[no-any-return]
