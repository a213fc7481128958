"""How does a text message go out? Through an HTTP provider that speaks as Twilio does (form in, JSON out)."""

from base64 import b64encode
from urllib.parse import urlencode

from django.conf import settings

from healthcare.core.delivery.base import Message, Receipt, Sender, TryAgain, Undeliverable
from healthcare.core.delivery.outbox import Outbox
from healthcare.core.env import Account
from healthcare.core.outside import Answer, Away, post

LONGEST = 480  # characters: a few parts at most, each of which costs
NOT_OURS = (400, 404, 410, 422)  # statuses that speak of this message; others speak of us or of the provider
# Twilio's codes that come with 400 and speak of our account all the same: credentials, sender, funds, rate
OURS = {20003, 20429, 21212, 21603, 21606, 21611, 30001, 30002}


def sms() -> Sender | None:
    """The SMS sender as this installation is set up: a provider, the outbox of development, or none."""
    if settings.SMS.host:
        return Sms(settings.SMS, settings.SMS_FROM)
    return Outbox("sms", settings.MESSAGE_FILE_DIR) if settings.MESSAGE_FILE_DIR else None


class Sms:
    channel = "sms"

    def __init__(self, account: Account, sender: str) -> None:
        self.account, self.sender, self.timeout = account, sender, settings.MESSAGE_TIMEOUT

    def send(self, message: Message) -> Receipt:
        """Hand the text over, once for its key. Raises TryAgain, Undeliverable."""
        if not message.to.startswith("+") or not message.to[1:].isdigit():
            raise Undeliverable("address_invalid")
        url = f"{self.account.base}/2010-04-01/Accounts/{self.account.user}/Messages.json"
        name = "MessagingServiceSid" if self.sender.startswith("MG") else "From"
        fields = {"To": message.to, name: self.sender, "Body": message.text.strip()[:LONGEST]}
        if settings.BASE_URL.startswith("https:"):  # the provider tells there what became of it
            fields["StatusCallback"] = f"{settings.BASE_URL}/providers/sms?{urlencode({'key': message.key})}"
        form = urlencode(fields)
        headers = {
            "Authorization": "Basic " + b64encode(f"{self.account.user}:{self.account.secret}".encode()).decode(),
            "Content-Type": "application/x-www-form-urlencoded",
            "Idempotency-Key": message.key,
        }
        try:
            answer = post(url, headers=headers, body=form.encode(), seconds=self.timeout)
        except Away:
            raise TryAgain("away") from None
        return _receipt(answer)


def _receipt(answer: Answer) -> Receipt:
    said = answer.json
    if 200 <= answer.status < 300 and said.get("sid"):
        if said.get("status") in ("failed", "undelivered"):
            raise Undeliverable("refused")
        return Receipt(str(said["sid"])[:100])
    code = said.get("code")
    if answer.status in NOT_OURS and isinstance(code, int) and code not in OURS:
        raise Undeliverable(f"sms_{code}")
    raise TryAgain(f"http_{answer.status}")
