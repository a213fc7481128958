"""How are courses ordered and followed over REST? Each action parses, calls one verb, answers."""

from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.response import Response

from appointments.courses.models import Course, CourseTemplate
from appointments.courses.serializers import (
    CourseOutput,
    CourseQuery,
    OrderInput,
    TemplateChangeInput,
    TemplateInput,
    TemplateOutput,
)
from appointments.courses.services import ordering, templates
from appointments.models import Practitioner
from appointments.serializers import CancelInput
from clinics.models import Location
from healthcare.core.errors import NotFound
from healthcare.core.fields import warm
from healthcare.core.shapes import Nothing
from healthcare.core.views import ClinicViewSet
from patients.models import Patient

ONE = {200: CourseOutput}


class TemplateViewSet(ClinicViewSet):
    tags = ("courses",)
    queryset = CourseTemplate.objects.none()
    needs = {
        "list": "practitioner.view",
        "retrieve": "practitioner.view",
        "create": "course.manage",
        "partial_update": "course.manage",
    }

    @extend_schema(responses={200: TemplateOutput(many=True)})
    def list(self, request: Any) -> Response:
        return self.page(self._rows(), TemplateOutput)

    @extend_schema(request=TemplateInput, responses={201: TemplateOutput})
    def create(self, request: Any) -> Response:
        """Phases in order, each with its kind, its sittings and the days between them."""
        return self.answer(templates.enter(by=self.member.user_id, **self._asked(TemplateInput)), TemplateOutput, status=201)

    @extend_schema(responses={200: TemplateOutput})
    def retrieve(self, request: Any, template_id: UUID) -> Response:
        return self.answer(self._one(template_id), TemplateOutput)

    @extend_schema(request=TemplateChangeInput, responses={200: TemplateOutput})
    def partial_update(self, request: Any, template_id: UUID) -> Response:
        """Change it for courses to come; those that were ordered keep their phases."""
        row, asked = self._one(template_id), self._asked(TemplateChangeInput)
        self.fresh(row)
        return self.answer(templates.change(template=row, by=self.member.user_id, **asked), TemplateOutput)

    def _asked(self, shape: Any) -> dict[str, Any]:
        asked = self.parsed(shape)
        return {**asked, "phases": [dict(one) for one in asked["phases"]]} if "phases" in asked else asked

    def _rows(self) -> Any:
        rows = CourseTemplate.objects.all()
        return rows if self.member.may("course.manage") else rows.filter(is_active=True)

    def _one(self, template_id: UUID) -> CourseTemplate:
        if (found := self._rows().filter(pk=template_id).first()) is None:
            raise NotFound
        return found  # type: ignore[no-any-return]


class CourseViewSet(ClinicViewSet):
    tags = ("courses",)
    queryset = Course.objects.none()
    needs = {
        "list": "course.view",
        "retrieve": "course.view",
        "create": "course.order",
        "cancel": "course.order",
        "replan": "course.order",
    }

    @extend_schema(parameters=[CourseQuery], responses={200: CourseOutput(many=True)})
    def list(self, request: Any) -> Response:
        asked = {name: value for name, value in self.asked(CourseQuery).items() if value}
        return self.page(self._visible().filter(**asked), CourseOutput, prepare=self._prepare)

    @extend_schema(request=OrderInput, responses={202: CourseOutput})
    def create(self, request: Any) -> Response:
        """Order a course: planned and booked whole within moments (`booked`), or not at all (`stuck`, with reasons)."""
        asked = self.parsed(OrderInput)
        template = CourseTemplate.objects.filter(pk=asked.pop("template"), is_active=True).first()
        patient = Patient.objects.visible_to(self.member, "course.order").filter(pk=asked.pop("patient")).first()
        ids = asked.pop("therapists")
        people = list(Practitioner.objects.visible_to(self.member, "practitioner.view").filter(pk__in=ids))
        if template is None or patient is None or len(people) != len(set(ids)):
            raise NotFound
        known = {"template": template, "patient": patient, "therapists": people, **asked}
        return self._answer(ordering.order(by=self.member.user_id, now=timezone.now(), **known).id, 202)

    @extend_schema(responses=ONE)
    def retrieve(self, request: Any, course_id: UUID) -> Response:
        """With all its sittings."""
        return self._answer(self._one(course_id).id)

    @extend_schema(request=CancelInput, responses=ONE)
    def cancel(self, request: Any, course_id: UUID) -> Response:
        """End it: what lies ahead is cancelled, what was given stays."""
        row, asked = self._one(course_id), self.parsed(CancelInput)
        self.fresh(row)
        ordering.cancel(course=row, by=self.member.user_id, now=timezone.now(), **asked)
        return self._answer(row.id)

    @extend_schema(request=Nothing, responses={202: CourseOutput})
    def replan(self, request: Any, course_id: UUID) -> Response:
        """Try a stuck course anew."""
        self.parsed(Nothing)
        row = self._one(course_id)
        ordering.again(course=row, by=self.member.user_id, now=timezone.now())
        return self._answer(row.id, 202)

    # -- what they share
    def get_serializer_context(self) -> dict[str, Any]:
        return {**super().get_serializer_context(), "member": self.member, "zones": getattr(self, "zones", {})}

    def _visible(self) -> Any:
        return _whole(Course.objects.visible_to(self.member, str(self.need)))

    def _one(self, course_id: UUID) -> Course:
        if (found := self._visible().filter(pk=course_id).first()) is None:
            raise NotFound
        return found  # type: ignore[no-any-return]

    def _answer(self, course_id: UUID, status: int = 200) -> Response:
        row = _whole(Course.objects.all()).get(pk=course_id)
        self._prepare([row])
        return self.answer(row, CourseOutput, status=status)

    def _prepare(self, rows: Any) -> None:
        warm([row.patient for row in rows])
        zones = Location.objects.filter(clinic=self.clinic.id).values_list("id", "zone")
        self.zones = {place: ZoneInfo(zone) for place, zone in zones}


def _whole(rows: Any) -> Any:
    """With what an answer shows, in two statements."""
    return rows.select_related("template", "patient").prefetch_related("sittings__appointment__practitioner")
