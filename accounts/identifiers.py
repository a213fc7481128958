"""When are two identifiers the same? Emails and phone numbers brought to one plain form."""

import unicodedata

import phonenumbers


class NotAnIdentifier(ValueError):
    """Neither an email address nor an international phone number."""


def plain_email(text: str) -> str:
    """NFKC, trimmed, case-folded. Providers treat the local part as case-insensitive, so we do."""
    return unicodedata.normalize("NFKC", text).strip().casefold()


def plain_phone(text: str) -> str:
    """E.164 (`+919812345678`). Raises NotAnIdentifier without a country code or for an impossible length."""
    try:
        number = phonenumbers.parse(text, None)
    except phonenumbers.NumberParseException:
        raise NotAnIdentifier from None
    if not phonenumbers.is_possible_number(number):
        raise NotAnIdentifier
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def plain_identifier(text: str) -> str:
    """The plain form of either kind, so that however it is spelt it counts as one; what is neither stays itself, folded."""
    if "@" in text:
        return plain_email(text)
    try:
        return plain_phone(text)
    except NotAnIdentifier:
        return text.strip().casefold()
