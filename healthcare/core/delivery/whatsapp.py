"""How does a WhatsApp message go out? Through the Cloud API, as a template that Meta has approved."""

from typing import Any

import orjson
from django.conf import settings

from healthcare.core.delivery.base import Message, Receipt, Sender, Template, TryAgain, Undeliverable
from healthcare.core.delivery.outbox import Outbox
from healthcare.core.env import Account
from healthcare.core.outside import Answer, Away, post

# Error codes of the Cloud API that speak of this person or this message: no other try will end otherwise
# (its reference page of error codes).
FINAL = {
    131008: "message",  # a parameter is missing
    131009: "message",
    131021: "recipient",  # that is ourselves
    131026: "recipient",  # not on WhatsApp, or has not accepted its terms
    131030: "recipient",
    131047: "recipient",
    131049: "recipient",
    131050: "recipient",  # wants none
    131051: "message",
    132000: "template",  # number of parameters
    132001: "template",  # not there in this language
    132005: "template",
    132007: "template",
    132012: "template",
    132015: "template",
    132016: "template",
}


def whatsapp() -> Sender | None:
    """The WhatsApp sender as this installation is set up: the Cloud API, the outbox of development, or none."""
    if settings.WHATSAPP.host:
        return WhatsApp(settings.WHATSAPP)
    return Outbox("whatsapp", settings.MESSAGE_FILE_DIR) if settings.MESSAGE_FILE_DIR else None


class WhatsApp:
    channel = "whatsapp"

    def __init__(self, account: Account) -> None:
        self.account, self.timeout = account, settings.MESSAGE_TIMEOUT

    def send(self, message: Message) -> Receipt:
        """Hand the template over, once for its key. Raises TryAgain, Undeliverable (also for a message without a template)."""
        if not message.to.startswith("+") or not message.to[1:].isdigit():
            raise Undeliverable("address_invalid")
        if message.template is None:
            raise Undeliverable("no_template")
        headers = {
            "Authorization": f"Bearer {self.account.secret}",
            "Content-Type": "application/json",
            "Idempotency-Key": message.key,
        }
        body = orjson.dumps(as_body(message, message.template))
        try:
            answer = post(f"{self.account.base}/messages", headers=headers, body=body, seconds=self.timeout)
        except Away:
            raise TryAgain("away") from None
        return _receipt(answer)


def as_body(message: Message, template: Template) -> dict[str, Any]:
    """What the API's `POST /{phone number}/messages` takes. Our key comes back in its status calls as opaque data."""
    parts: list[dict[str, Any]] = []
    if template.params:
        parts.append({"type": "body", "parameters": [{"type": "text", "text": text} for text in template.params]})
    if template.code:
        button = {"type": "button", "sub_type": "url", "index": "0"}
        parts.append({**button, "parameters": [{"type": "text", "text": template.code}]})
    return {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": message.to.removeprefix("+"),
        "type": "template",
        "template": {"name": template.name, "language": {"code": message.language or "en"}, "components": parts},
        "biz_opaque_callback_data": message.key,
    }


def _receipt(answer: Answer) -> Receipt:
    said = answer.json
    if 200 <= answer.status < 300:
        sent = said.get("messages")
        if isinstance(sent, list) and sent and isinstance(sent[0], dict) and sent[0].get("id"):
            return Receipt(str(sent[0]["id"])[:100])
    error = said.get("error")
    code = error.get("code") if isinstance(error, dict) else None
    if isinstance(code, int) and code in FINAL:
        raise Undeliverable(f"whatsapp_{FINAL[code]}_{code}")
    raise TryAgain(f"http_{answer.status}")
