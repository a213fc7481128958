"""Do domains keep their contract, and does a person of two get the stricter rules?"""

import pytest
from django.core.exceptions import ImproperlyConfigured

from accounts.domains.base import AuthDomain, MfaPolicy, PasswordPolicy, Words
from accounts.domains.fashion import Fashion
from accounts.domains.healthcare import Healthcare
from accounts.domains.policy import policy_of, strictest
from accounts.domains.registry import domain_named, domains, faults
from accounts.domains.testing import DomainConformance
from accounts.roles import PLATFORM_ROLES, STAFF_ROLES, Role
from accounts.services import people
from healthcare.tests import make


class Motoring(AuthDomain):
    """As somebody else's package would bring it: this test is outside of accounts/domains."""

    name = "motoring"
    roles = {Role.CLINIC_ADMIN: "Garage owner", Role.THERAPIST: "Mechanic", Role.PATIENT: "Driver"}
    identifiers = ("phone",)
    otp_channels = ("sms",)
    password = PasswordPolicy(min_length=14, staff_min_length=20, is_optional=False)
    mfa = MfaPolicy(required_for=frozenset({Role.THERAPIST}))
    words = {
        "otp": {"en": Words("Code", "{code}"), "de": Words("Code", "{code} gilt {minutes} Minuten")},
        "password_reset": {"en": Words("Reset", "{link}")},
        "invitation": {"en": Words("Join", "{place} wants you as {role}: {link}")},
    }


class TestHealthcare(DomainConformance):
    domain = Healthcare()


class TestFashion(DomainConformance):
    domain = Fashion()


class TestMotoring(DomainConformance):
    domain = Motoring()


@pytest.fixture
def with_motoring(settings):
    settings.AUTH_DOMAINS = {**settings.AUTH_DOMAINS, "motoring": f"{__name__}.Motoring"}


def test_healthcare_and_fashion_ship_and_healthcare_has_all_seventeen_roles():
    assert list(domains()) == ["healthcare", "fashion"]
    assert set(Healthcare.roles) == set(Role)


def test_a_third_one_is_one_class_and_one_line_of_the_settings(with_motoring):
    assert isinstance(domain_named("motoring"), Motoring)
    assert domain_named("motoring").says("otp", "de-AT").text == "{code} gilt {minutes} Minuten"


def test_a_domain_whose_plugin_was_taken_out_is_served_by_the_usual_one():
    assert domain_named("motoring").name == "healthcare"


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"name": "Two Words"}, "name"),
        ({"roles": {Role.PATIENT: "Driver"}}, "clinic_admin is missing"),
        ({"roles": {**Motoring.roles, "pilot": "Pilot"}}, "no role"),
        ({"roles": {**Motoring.roles, Role.NURSE: " "}}, "no name"),
        ({"identifiers": ()}, "identifiers"),
        ({"identifiers": ("passport",)}, "identifiers"),
        ({"otp_channels": ("sms", "sms")}, "otp_channels"),
        ({"password": PasswordPolicy(min_length=6)}, "password"),
        ({"password": PasswordPolicy(min_length=12, staff_min_length=10)}, "password"),
        ({"mfa": MfaPolicy(required_for=frozenset({Role.NURSE}))}, "mfa.required_for"),
        ({"words": {**Motoring.words, "otp": {"de": Words("", "{code}")}}}, "none in en"),
        ({"words": {**Motoring.words, "otp": {"en": Words("Code", "hello")}}}, "lacks {code}"),
        ({"words": {**Motoring.words, "otp": {"en": Words("Code", "{code} {password}")}}}, "names {password}"),
    ],
)
def test_what_is_wrong_with_a_domain_is_said_and_stops_the_start(settings, monkeypatch, wrong, said):
    for name, value in wrong.items():
        monkeypatch.setattr(Motoring, name, value)
    settings.AUTH_DOMAINS = {"motoring": f"{__name__}.Motoring"}
    assert [fault for fault in faults(Motoring()) if said in fault]
    with pytest.raises(ImproperlyConfigured, match="AUTH_DOMAINS"):
        domains()


@pytest.mark.parametrize("path", ["accounts.domains.nowhere.Nothing", "accounts.roles.Role"])
def test_a_line_of_the_settings_that_leads_to_no_domain_stops_the_start(settings, path):
    settings.AUTH_DOMAINS = {"motoring": path}
    with pytest.raises(ImproperlyConfigured, match="AUTH_DOMAINS"):
        domains()


def test_a_line_under_another_name_than_the_domains_own_stops_the_start(settings):
    settings.AUTH_DOMAINS = {"cars": f"{__name__}.Motoring"}
    with pytest.raises(ImproperlyConfigured, match="named 'motoring'"):
        domains()


@pytest.mark.parametrize("role", sorted(STAFF_ROLES))
def test_staff_of_healthcare_need_a_second_step_and_a_longer_password(role):
    policy = strictest([(None if role in PLATFORM_ROLES else "healthcare", role)])
    assert (policy.mfa_required, policy.password_min_length, policy.password_optional) == (True, 12, False)


def test_a_patient_needs_neither():
    policy = strictest([("healthcare", Role.PATIENT)])
    assert (policy.mfa_required, policy.password_min_length, policy.password_optional) == (False, 10, True)


def test_a_person_of_two_domains_gets_the_stricter_of_each_rule(with_motoring):
    policy = strictest([("fashion", Role.THERAPIST), ("motoring", Role.PATIENT)])
    assert policy.domains == ("fashion", "motoring")
    assert policy.password_min_length == 14  # the driver's, longer than the stylist's ten
    assert policy.password_optional is False
    assert policy.mfa_required is False  # neither asks a stylist nor a driver
    assert (policy.identifiers, policy.otp_channels) == (("phone",), ("sms",))
    assert strictest([("fashion", Role.THERAPIST), ("motoring", Role.THERAPIST)]).mfa_required is True


def test_domains_that_share_no_channel_lock_nobody_out(with_motoring, monkeypatch):
    monkeypatch.setattr(Motoring, "otp_channels", ("email",))
    monkeypatch.setattr(Fashion, "otp_channels", ("sms",))
    assert strictest([("fashion", Role.PATIENT), ("motoring", Role.PATIENT)]).otp_channels == ("sms", "email")


def test_somebody_of_no_clinic_is_asked_what_the_usual_domain_asks(db, north):
    assert policy_of(make.person().id).domains == ("healthcare",)


def test_a_persons_policy_follows_their_clinics(db, north):
    user = make.person(clinic=north)
    assert policy_of(user.id).mfa_required is False
    people.grant(user=user, role=Role.NURSE, clinic=north)
    assert policy_of(user.id).mfa_required is True
