"""How do people of a clinic sign in? All seventeen roles; codes by text message first; staff with a second step."""

from accounts.domains.base import AuthDomain, MfaPolicy, PasswordPolicy, Words
from accounts.roles import STAFF_ROLES, Role


class Healthcare(AuthDomain):
    name = "healthcare"
    roles = {role: role.value.replace("_", " ").capitalize() for role in Role}
    identifiers = ("email", "phone")
    otp_channels = ("sms", "whatsapp", "email")
    password = PasswordPolicy(min_length=10, staff_min_length=12, is_optional=True)
    mfa = MfaPolicy(required_for=STAFF_ROLES)
    words = {
        "otp": {
            "en": Words("Your sign-in code", "{code} is your code for {place}. It holds {minutes} minutes. Tell it to nobody."),
            "hi": Words("आपका साइन-इन कोड", "{place} के लिए आपका कोड {code} है। यह {minutes} मिनट तक मान्य है। इसे किसी को न बताएँ।"),
        },
        "password_reset": {
            "en": Words(
                "Set a new password",
                "With this link you set a new password. It works once, for {minutes} minutes:\n\n{link}\n\n"
                "If you did not ask for it, do nothing: your password stays as it is.",
            ),
            "hi": Words(
                "नया पासवर्ड बनाएँ",
                "इस लिंक से आप नया पासवर्ड बना सकते हैं। यह एक बार, {minutes} मिनट तक काम करता है:\n\n{link}\n\n"
                "यदि आपने इसे नहीं माँगा था, तो कुछ न करें: आपका पासवर्ड वही रहेगा।",
            ),
        },
        "invitation": {
            "en": Words(
                "{place} invites you",
                "{place} invites you to join its staff as: {role}.\n\nOpen this link before {until}; it works once and is "
                "meant for you alone:\n\n{link}\n\nIf you do not know {place}, do nothing.",
            ),
            "hi": Words(
                "{place} का निमंत्रण",
                "{place} आपको अपने कर्मचारियों में शामिल होने का निमंत्रण देता है। भूमिका: {role}।\n\n{until} से पहले यह लिंक खोलें; "
                "यह एक बार काम करता है और केवल आपके लिए है:\n\n{link}\n\nयदि आप {place} को नहीं जानते, तो कुछ न करें।",
            ),
        },
    }
