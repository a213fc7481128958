"""Which routes are about queues and the screens that show them?"""

from django.urls import path

from appointments.queue.display_views import DisplayViewSet
from appointments.queue.screens import screen
from appointments.queue.views import QueueViewSet, TokenViewSet
from appointments.queue.waits.pages import page_wait, wait_now

ONE = "queues/<uuid:queue_id>"

urlpatterns = [
    path("queues", QueueViewSet.as_view({"get": "list", "post": "create"})),
    path(ONE, QueueViewSet.as_view({"get": "retrieve"})),
    path(f"{ONE}/tokens", QueueViewSet.as_view({"post": "walk_in"})),
    path(f"{ONE}/call-next", QueueViewSet.as_view({"post": "call_next"})),
    path(f"{ONE}/reorder", QueueViewSet.as_view({"post": "reorder"})),
    *(path(f"{ONE}/tokens/<uuid:token_id>/{verb}", TokenViewSet.as_view({"post": verb})) for verb in TokenViewSet.VERBS),
    path("displays", DisplayViewSet.as_view({"get": "list", "post": "create"})),
    path("displays/approve", DisplayViewSet.as_view({"post": "approve"})),
    path("displays/<uuid:display_id>", DisplayViewSet.as_view({"get": "retrieve", "delete": "destroy"})),
    path("displays/<uuid:display_id>/tickets", DisplayViewSet.as_view({"post": "tickets"})),
    path("screens/", screen, name="screens"),
    path("screens/<uuid:display_id>", screen, name="screen"),
    path("wait/<str:token>", page_wait, name="wait"),
    path("wait/<str:token>/now", wait_now, name="wait_now"),
]
