"""How does staff run the queues over REST? Each action parses, calls one verb, answers."""

from typing import Any
from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.response import Response

from appointments.models import Practitioner
from appointments.queue.models import Queue, Token
from appointments.queue.serializers import (
    OpenInput,
    QueueOutput,
    QueueQuery,
    QueueWholeOutput,
    ReorderInput,
    TokenOutput,
    TransferInput,
    WalkInInput,
)
from appointments.queue.services import arranging, calling, tokens
from appointments.queue.services.log import position
from appointments.queue.services.opening import open_queue
from appointments.queue.waits.pace import pace_of
from appointments.queue.waits.reading import told
from healthcare.core.errors import NotFound
from healthcare.core.shapes import Nothing
from healthcare.core.views import ClinicViewSet
from patients.models import Patient

ONE = {200: TokenOutput}


class QueueRoutes(ClinicViewSet):
    """What the views about queues and their tokens share."""

    tags = ("queues",)
    queryset = Queue.objects.none()

    def _queue(self, queue_id: UUID) -> Queue:
        rows = Queue.objects.visible_to(self.member, str(self.need)).for_page()
        if (found := rows.filter(pk=queue_id).first()) is None:
            raise NotFound
        return found

    def _token_answer(self, token: Token, status: int = 200) -> Response:
        place = position(token)
        waits = told({token.queue: list(Token.objects.filter(queue=token.queue_id))}, now=timezone.now()) if place else {}
        return Response(TokenOutput(token, context={"places": {token.id: place}, "waits": waits}).data, status=status)

    def _whole(self, queue_id: UUID, status: int = 200) -> Response:
        queue = self._queue(queue_id)
        rows = list(Token.objects.filter(queue=queue))
        for token in rows:
            token.queue = queue
        waits, pace = told({queue: rows}, now=timezone.now()), pace_of(queue.practitioner_id, day=queue.day)
        return Response(QueueWholeOutput(queue, context={"tokens": rows, "waits": waits, "pace": pace}).data, status=status)


class QueueViewSet(QueueRoutes):
    needs = {
        "list": "queue.view",
        "retrieve": "queue.view",
        "create": "queue.run",
        "walk_in": "queue.run",
        "call_next": "queue.run",
        "reorder": "queue.run",
    }

    @extend_schema(parameters=[QueueQuery], responses={200: QueueOutput(many=True)})
    def list(self, request: Any) -> Response:
        asked = self.asked(QueueQuery)
        rows = Queue.objects.visible_to(self.member, "queue.view").for_page()
        return self.page(rows.filter(**{name: value for name, value in asked.items() if value}), QueueOutput)

    @extend_schema(request=OpenInput, responses={201: QueueWholeOutput})
    def create(self, request: Any) -> Response:
        """Open today's queue of a practitioner; where it is open already, that queue."""
        cards = Practitioner.objects.visible_to(self.member, "practitioner.view")
        practitioner = cards.filter(pk=self.parsed(OpenInput)["practitioner"]).first()
        if practitioner is None:
            raise NotFound
        now = timezone.now()
        return self._whole(open_queue(practitioner=practitioner, at=now, by=self.member.user_id, now=now).id, 201)

    @extend_schema(responses={200: QueueWholeOutput})
    def retrieve(self, request: Any, queue_id: UUID) -> Response:
        return self._whole(queue_id)

    @extend_schema(request=WalkInInput, responses={201: TokenOutput})
    def walk_in(self, request: Any, queue_id: UUID) -> Response:
        """A number for somebody who came without an appointment."""
        queue, asked = self._queue(queue_id), self.parsed(WalkInInput)
        patient = self._patient(asked.pop("patient", None))
        token = tokens.walk_in(queue=queue, patient=patient, by=self.member.user_id, now=timezone.now(), **asked)
        return self._token_answer(token, 201)

    @extend_schema(request=Nothing, responses=ONE)
    def call_next(self, request: Any, queue_id: UUID) -> Response:
        """Call whoever is first in line; `queue_empty` (409) when nobody is."""
        self.parsed(Nothing)
        token = calling.call_next(queue=self._queue(queue_id), by=self.member.user_id, now=timezone.now())
        return self._token_answer(token)

    @extend_schema(request=ReorderInput, responses={200: QueueWholeOutput})
    def reorder(self, request: Any, queue_id: UUID) -> Response:
        """Arrange the line by hand; it must name everybody who waits now (`line_changed` otherwise)."""
        queue, asked = self._queue(queue_id), self.parsed(ReorderInput)
        arranging.reorder(queue=queue, by=self.member.user_id, now=timezone.now(), **asked)
        return self._whole(queue_id)

    def _patient(self, patient_id: UUID | None) -> Patient | None:
        if patient_id is None:
            return None
        found = Patient.objects.visible_to(self.member, "patient.view").filter(pk=patient_id).first()
        if found is None:
            raise NotFound
        return found


class TokenViewSet(QueueRoutes):
    VERBS = ("recall", "skip", "hold", "resume", "start", "finish", "transfer", "undo")
    needs = dict.fromkeys(VERBS, "queue.run")

    @extend_schema(request=Nothing, responses=ONE)
    def recall(self, request: Any, queue_id: UUID, token_id: UUID) -> Response:
        """Call again, or call somebody who was skipped and is here after all."""
        return self._click(calling.recall, queue_id, token_id)

    @extend_schema(request=Nothing, responses=ONE)
    def skip(self, request: Any, queue_id: UUID, token_id: UUID) -> Response:
        """They did not come when called."""
        return self._click(calling.skip, queue_id, token_id)

    @extend_schema(request=Nothing, responses=ONE)
    def hold(self, request: Any, queue_id: UUID, token_id: UUID) -> Response:
        """Set aside."""
        return self._click(calling.hold, queue_id, token_id)

    @extend_schema(request=Nothing, responses=ONE)
    def resume(self, request: Any, queue_id: UUID, token_id: UUID) -> Response:
        """Back in line, from hold or after a skip."""
        return self._click(calling.resume, queue_id, token_id)

    @extend_schema(request=Nothing, responses=ONE)
    def start(self, request: Any, queue_id: UUID, token_id: UUID) -> Response:
        """They have gone in."""
        return self._click(calling.start, queue_id, token_id)

    @extend_schema(request=Nothing, responses=ONE)
    def finish(self, request: Any, queue_id: UUID, token_id: UUID) -> Response:
        """They are done."""
        return self._click(calling.finish, queue_id, token_id)

    @extend_schema(request=TransferInput, responses=ONE)
    def transfer(self, request: Any, queue_id: UUID, token_id: UUID) -> Response:
        """Send on to another queue; answers the new token there."""
        token, to = self._token(queue_id, token_id), self._queue(self.parsed(TransferInput)["queue"])
        return self._token_answer(tokens.transfer(token=token, to=to, by=self.member.user_id, now=timezone.now()))

    @extend_schema(request=Nothing, responses=ONE)
    def undo(self, request: Any, queue_id: UUID, token_id: UUID) -> Response:
        """Take the last click on this token back (`nothing_to_undo` where that can't be)."""
        return self._click(arranging.undo, queue_id, token_id)

    def _click(self, verb: Any, queue_id: UUID, token_id: UUID) -> Response:
        self.parsed(Nothing)
        return self._token_answer(verb(token=self._token(queue_id, token_id), by=self.member.user_id, now=timezone.now()))

    def _token(self, queue_id: UUID, token_id: UUID) -> Token:
        rows = Token.objects.filter(queue__in=Queue.objects.visible_to(self.member, str(self.need)))
        if (found := rows.filter(pk=token_id, queue=queue_id).first()) is None:
            raise NotFound
        return found
