"""Where do text messages go in development? Into a folder, one readable file each; nobody is written to."""

import hashlib
import os
from pathlib import Path

from django.utils import timezone

from healthcare.core.delivery.base import Message, Receipt


class Outbox:
    """Stands in for a provider that is not set up. Like one, it keeps the same key once."""

    timeout = 1.0

    def __init__(self, channel: str, folder: str) -> None:
        self.channel, self.folder = channel, Path(folder)

    def send(self, message: Message) -> Receipt:
        digest = hashlib.sha256(message.key.encode()).hexdigest()[:16]
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not any(self.folder.glob(f"*-{self.channel}-{digest}.txt")):
            name = f"{timezone.now():%Y%m%d-%H%M%S-%f}-{self.channel}-{digest}.txt"
            text = f"To: {message.to}\nKey: {message.key}\n{_template(message)}\n{message.text.strip()}\n"
            with os.fdopen(os.open(self.folder / name, os.O_WRONLY | os.O_CREAT, 0o600), "w", encoding="utf-8") as file:
                file.write(text)
        return Receipt(f"outbox-{digest}")


def _template(message: Message) -> str:
    chosen = message.template
    return f"Template: {chosen.name} ({', '.join(chosen.params)})\n" if chosen else ""
