"""Which routes sign sockets in? (screens themselves are with the queues they show)"""

from django.urls import path

from accounts.realtime_views import TicketViewSet

urlpatterns = [path("realtime/tickets", TicketViewSet.as_view({"post": "create"}))]
