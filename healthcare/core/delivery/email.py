"""How does mail go out? Through Django's mail backend: SMTP, or files in development."""

import hashlib
import re
import smtplib
from email.utils import parseaddr

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.validators import validate_email

from healthcare.core.delivery.base import Message, Receipt, TryAgain, Undeliverable

SPACE = re.compile(r"\s+")
# Refusals that speak of us (sign-in, sender, command order), not of the person: worth another try once they are mended.
OURS = (smtplib.SMTPAuthenticationError, smtplib.SMTPSenderRefused, smtplib.SMTPHeloError, smtplib.SMTPConnectError)


class Email:
    channel = "email"

    def __init__(self) -> None:
        self.timeout: float = settings.EMAIL_TIMEOUT  # of each step of the SMTP dialogue

    def send(self, message: Message) -> Receipt:
        """Hand the mail over. The same key gives the same Message-ID, so a second copy can be recognised as one."""
        try:
            validate_email(message.to)
        except ValidationError:
            raise Undeliverable("address_invalid") from None
        mail = as_mail(message)
        try:
            mail.connection = get_connection(timeout=self.timeout)
            mail.send()
        except Exception as error:  # smtplib's texts hold addresses: only a code leaves this function
            raise failure(error) from None
        return Receipt(mail.extra_headers["Message-ID"])


def as_mail(message: Message) -> EmailMultiAlternatives:
    headers = {"Message-ID": message_id(message.key), "Auto-Submitted": "auto-generated"}
    if message.language:
        headers["Content-Language"] = message.language
    if message.unsubscribe:
        headers["List-Unsubscribe"] = f"<{message.unsubscribe}>"
        if message.unsubscribe.startswith("https:"):
            headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"  # RFC 8058
    subject = SPACE.sub(" ", message.subject).strip()
    mail = EmailMultiAlternatives(subject, message.text, to=[message.to], headers=headers)
    if message.html:
        mail.attach_alternative(message.html, "text/html")
    for attachment in message.attachments:
        mail.attach(attachment.name, attachment.content, attachment.media_type)
    return mail


def message_id(key: str) -> str:
    """`<digest of the key@our domain>`."""
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
    return f"<{hashlib.sha256(key.encode()).hexdigest()[:32]}@{domain}>"


def failure(error: Exception) -> TryAgain | Undeliverable:
    """Which of the two failures is it? Only a 5xx about the recipient or the message itself is final (RFC 5321 4.2.1)."""
    if isinstance(error, OURS):
        return TryAgain(f"smtp_{type(error).__name__.removeprefix('SMTP').lower()}")
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code = next((code for code, _ in error.recipients.values()), 0)
        return _by_code(code)
    if isinstance(error, smtplib.SMTPResponseException):
        return _by_code(error.smtp_code)
    if isinstance(error, (smtplib.SMTPException, OSError)):
        return TryAgain("away")
    return TryAgain(f"fault_{type(error).__name__.lower()}")


def _by_code(code: int) -> TryAgain | Undeliverable:
    return Undeliverable(f"smtp_{code}") if 500 <= code <= 599 else TryAgain(f"smtp_{code}")
