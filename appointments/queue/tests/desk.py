"""What do tests of the desk's board start from? A signed-in browser, a queue, and how a click is made and read."""

from collections.abc import Callable
from typing import Any

from django.test import Client

from appointments.queue.models import Token

BOARD, NOW = "/admin/queue/board/", "/admin/queue/board/now"
Browser = Callable[..., Client]
BY_SCRIPT = {"Accept": "application/json"}


def press(client: Client, token: Token, verb: str, **fields: Any) -> Any:
    return client.post(f"{BOARD}tokens/{token.pk}/{verb}", fields)


def messages_of(answer: Any) -> list[str]:
    return [str(message) for message in answer.wsgi_request._messages]


def status_of(token: Token) -> str:
    return str(Token.objects.values_list("status", flat=True).get(pk=token.pk))


def text_of(client: Client, path: str = BOARD) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return str(answer.content.decode())
