"""What does every way to reach a person have in common? A message, a sender, a receipt, and two ways to fail."""

from dataclasses import dataclass, field
from typing import NamedTuple, Protocol


@dataclass(frozen=True)
class Attachment:
    name: str
    content: bytes = field(repr=False)
    media_type: str


@dataclass(frozen=True)
class Template:
    """Words that the provider knows by name and fills in itself (WhatsApp allows no others to who has not written lately).

    `params` go into the body's places in order, `code` into the button that copies it.
    """

    name: str
    params: tuple[str, ...] = field(default=(), repr=False)
    code: str = field(default="", repr=False)


@dataclass(frozen=True)
class Message:
    """What one person is told. `key` names the delivery: a provider that sees it twice sends once, mail carries it as its id.

    Nothing of it is in its repr: addresses and words must not reach a log by accident.
    """

    to: str = field(repr=False)
    subject: str = field(repr=False)
    text: str = field(repr=False)
    key: str
    html: str = field(default="", repr=False)
    attachments: tuple[Attachment, ...] = ()
    unsubscribe: str = field(default="", repr=False)  # address (https: or mailto:) that ends such messages, where they may end
    language: str = ""
    template: Template | None = None  # what a channel that sends no words of ours says instead


class Receipt(NamedTuple):
    """The provider took the message. `provider_id` is what it calls it."""

    provider_id: str


class Failure(Exception):
    """A message was not taken. `code` is short and stable and holds nothing of the message."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


class Undeliverable(Failure):
    """It will never be taken: the address or the message itself is refused."""


class TryAgain(Failure):
    """It was not taken this time: the provider is away, busy or not set up rightly."""


class Sender(Protocol):
    """One channel's provider. `send` answers within `timeout` seconds or raises TryAgain or Undeliverable."""

    channel: str
    timeout: float

    def send(self, message: Message) -> Receipt: ...
