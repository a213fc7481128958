"""How do people of a fashion house sign in? Clients by WhatsApp and with a short list of roles; managers with a second step."""

from accounts.domains.base import AuthDomain, MfaPolicy, PasswordPolicy, Words
from accounts.roles import Role


class Fashion(AuthDomain):
    name = "fashion"
    roles = {
        Role.CLINIC_ADMIN: "Store manager",
        Role.THERAPIST: "Stylist",
        Role.RECEPTIONIST: "Host",
        Role.BILLING_SPECIALIST: "Cashier",
        Role.AUDITOR: "Auditor",
        Role.COMPLIANCE_OFFICER: "Data protection officer",
        Role.PATIENT: "Client",
    }
    identifiers = ("phone", "email")
    otp_channels = ("whatsapp", "sms", "email")
    password = PasswordPolicy(min_length=8, staff_min_length=10, is_optional=True)
    mfa = MfaPolicy(required_for=frozenset({Role.CLINIC_ADMIN, Role.COMPLIANCE_OFFICER}))
    words = {
        "otp": {"en": Words("Your code for {place}", "{code} is your {place} code, good for {minutes} minutes.")},
        "password_reset": {
            "en": Words("A new password", "Choose a new one here, within {minutes} minutes:\n\n{link}\n\nNot you? Do nothing.")
        },
        "invitation": {
            "en": Words(
                "Join the team of {place}",
                "{place} would like you on its team as: {role}.\n\nYour link, once, until {until}:\n\n{link}",
            )
        },
    }
