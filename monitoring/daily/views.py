"""How did the clinic's days go?"""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.response import Response

from healthcare.core.views import ClinicViewSet
from monitoring.daily.models import Day
from monitoring.daily.serializers import DayOutput, DaysQuery


class DayViewSet(ClinicViewSet):
    tags = ("figures",)
    needs = {"list": "figures.view"}
    queryset = Day.objects.none()
    serializer_class = DayOutput
    page_ordering = ("-day",)

    @extend_schema(summary="Daily figures", parameters=[DaysQuery], responses={200: DayOutput(many=True)})
    def list(self, request: Any) -> Response:
        """Load, waits, no-shows, utilisation, revenue: counts and sums, nobody's name. Counted anew every hour."""
        asked = self.asked(DaysQuery)
        rows = Day.objects.visible_to(self.member, "figures.view")
        if "since" in asked:
            rows = rows.filter(day__gte=asked["since"])
        if "until" in asked:
            rows = rows.filter(day__lte=asked["until"])
        return self.page(rows, DayOutput)
