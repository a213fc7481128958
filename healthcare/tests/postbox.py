"""How do tests get a mail server? A real one that speaks SMTP on this machine and keeps what comes, parsed and raw.

with postbox(settings) as box:                # the product sends to it
    box.rcpt = "550 no such user"             # or takes nobody, or (`data`) no text
"""

from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any, cast

from aiosmtpd.controller import Controller

from healthcare.embedded.ports import LOOPBACK, free_port


class Postbox:
    def __init__(self) -> None:
        self.mails: list[tuple[list[str], EmailMessage]] = []
        self.raw: list[bytes] = []
        self.rcpt: str | None = None
        self.data: str | None = None

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        if self.rcpt:
            return self.rcpt
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 (aiosmtpd's names)
        if self.data:
            return self.data
        self.raw.append(envelope.content)
        parsed = cast(EmailMessage, message_from_bytes(envelope.content, policy=policy.default))
        self.mails.append((envelope.rcpt_tos, parsed))
        return "250 queued"


@contextmanager
def postbox(settings: Any) -> Iterator[Postbox]:
    box = Postbox()
    controller = Controller(box, hostname=LOOPBACK, port=free_port())
    controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = controller.hostname, controller.port
    settings.DEFAULT_FROM_EMAIL = "Clinic <no-reply@healthcare.example>"
    try:
        yield box
    finally:
        controller.stop()
