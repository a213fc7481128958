"""Where are the daily figures?"""

from django.urls import path

from monitoring.daily.views import DayViewSet

urlpatterns = [path("analytics/daily", DayViewSet.as_view({"get": "list"}))]
