"""How is a person reached? One sender a channel; the codes of accounts and the notifications go out through the same."""

from healthcare.core.delivery.base import Attachment, Failure, Message, Receipt, Sender, Template, TryAgain, Undeliverable
from healthcare.core.delivery.registry import NoSuchChannel, channels, send, sender

__all__ = [
    "Attachment",
    "Failure",
    "Message",
    "NoSuchChannel",
    "Receipt",
    "Sender",
    "Template",
    "TryAgain",
    "Undeliverable",
    "channels",
    "send",
    "sender",
]
