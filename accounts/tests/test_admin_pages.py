"""What does each role find in the admin, in which clinic, and what does it cost?"""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.admin_rights import PERMISSIONS
from accounts.models import User
from accounts.roles import TABLE
from accounts.services.people import grant
from healthcare.core.ids import new_id
from healthcare.core.tenancy import in_clinic, on_platform
from healthcare.tests import make
from monitoring.models import PlatformAuditEntry

pytestmark = pytest.mark.django_db
LOGIN = "/admin/login/?next=/admin/"
PATIENTS, TRAIL = "/admin/patients/patient/", "/admin/trail/clinicauditentry/"


@pytest.fixture
def browser(member: Any) -> Callable[..., Client]:
    """A browser in which somebody with this role has signed in to the admin."""

    def signed_in(role: str, clinic: Any = None) -> Client:
        client = Client()
        with on_platform():
            client.force_login(User.objects.get(pk=member(role, clinic=clinic).user_id))
        return client

    return signed_in


def links(client: Client) -> set[str]:
    """Lists that the start page offers."""
    page = client.get("/admin/")
    assert page.status_code == 200
    return set(re.findall(r'href="/admin/([a-z_]+/[a-z_]+)/"', page.content.decode())) - {"auth/group"}


def test_the_sign_in_asks_for_email_or_phone():
    page = Client().get(LOGIN).content.decode()
    assert "Email or phone" in page
    assert 'autocomplete="username"' in page


def test_the_address_without_slash_leads_to_it():
    assert Client().get("/admin", follow=True).redirect_chain[-1][0].startswith("/admin/login/")


def test_staff_signs_in_with_the_right_password_and_it_is_on_record(north: Any):
    user = make.person(email="desk@people.example")
    grant(user=user, role="receptionist", clinic=north)  # type: ignore[arg-type]
    answer = Client().post(LOGIN, {"username": "desk@people.example", "password": make.PASSWORD})
    assert (answer.status_code, answer["Location"]) == (302, "/admin/")
    with on_platform():
        found = PlatformAuditEntry.objects.filter(action="login").values_list("actor", "object_id", "actor_kind")
        assert list(found) == [(user.id, str(user.id), "person")]


@pytest.mark.parametrize(("address", "onward"), [("/admin/login/", "/admin/"), (f"{LOGIN}", "/admin/")])
def test_who_opens_the_sign_in_itself_is_led_on_to_the_first_page(address: str, onward: str):
    assert f'name="next" value="{onward}"' in Client().get(address).content.decode()


@pytest.mark.parametrize("password", ["wrong-wrong-wrong", ""])
def test_a_wrong_password_is_refused(password: str, north: Any):
    user = make.person(email="desk@people.example")
    grant(user=user, role="receptionist", clinic=north)  # type: ignore[arg-type]
    client = Client()
    answer = client.post(LOGIN, {"username": "desk@people.example", "password": password})
    assert answer.status_code == 200
    assert client.get("/admin/").status_code == 302


def test_a_patient_is_no_staff(north: Any):
    make.person(email="asha@people.example", clinic=north)
    answer = Client().post(LOGIN, {"username": "asha@people.example", "password": make.PASSWORD})
    assert answer.status_code == 200
    assert b"does not match a member of staff" in answer.content


def test_every_right_that_is_mapped_is_in_the_role_table():
    assert set(PERMISSIONS.values()) <= set(TABLE)


def test_what_is_not_mapped_is_no(north: Any, member: Any):
    with on_platform():
        user = User.objects.get(pk=member("super_admin").user_id)
    with in_clinic(north):
        assert (user.has_perm("patients.delete_patient"), user.has_perm("auth.add_group")) == (False, False)


def test_the_desk_sees_charts_and_no_trail(browser: Any, in_north: Any):
    make.patient()
    desk = browser("receptionist")
    assert "patients/patient" in links(desk)
    assert links(desk) & {"trail/clinicauditentry", "accounts/user", "clinics/clinic"} == set()
    assert b"Mira Lindqvist" in desk.get(PATIENTS).content
    assert desk.get(TRAIL).status_code == 403


def test_an_auditor_sees_the_trail_and_no_charts(browser: Any, in_north: Any):
    patient = make.patient()
    auditor = browser("auditor")
    assert "trail/clinicauditentry" in links(auditor)
    assert "patients/patient" not in links(auditor)
    page = auditor.get(TRAIL).content.decode()
    assert str(patient.pk) in page
    assert "Lindqvist" not in page
    assert auditor.get(PATIENTS).status_code == 403
    assert auditor.get(f"{PATIENTS}{patient.pk}/change/").status_code == 403


def test_an_entry_shows_its_masked_changes(browser: Any, in_north: Any):
    from monitoring.trail.models import ClinicAuditEntry

    make.patient()
    entry = ClinicAuditEntry.objects.get(object_type="patients.patient")
    page = browser("auditor").get(f"{TRAIL}{entry.pk}/change/").content.decode()
    assert "first_name" in page
    assert "•" in page
    assert "Mira" not in page


def test_platform_staff_sees_clinics_and_people_but_no_charts(browser: Any, in_north: Any):
    make.patient()
    admin = browser("super_admin")
    assert {"clinics/clinic", "accounts/user", "accounts/membership", "monitoring/platformauditentry"} <= links(admin)
    for path in ("clinics/clinic", "accounts/user", "accounts/membership", "monitoring/platformauditentry", "clinics/location"):
        assert admin.get(f"/admin/{path}/").status_code == 200, path
    assert admin.get(PATIENTS).status_code == 403


def test_a_clinic_admin_sees_nothing_of_the_platform(browser: Any, north: Any):
    admin = browser("clinic_admin")
    for path in ("clinics/clinic", "accounts/user", "monitoring/platformauditentry"):
        assert admin.get(f"/admin/{path}/").status_code == 403, path


def test_pages_of_single_rows_open(browser: Any, north: Any):
    with in_clinic(north):
        patient = make.patient()
    page = browser("nurse").get(f"{PATIENTS}{patient.pk}/change/")
    assert page.status_code == 200
    assert b"Mira" in page.content
    admin = browser("super_admin")
    assert admin.get(f"/admin/clinics/clinic/{north.pk}/change/").status_code == 200


def test_another_clinics_rows_are_never_shown(browser: Any, north: Any, south: Any):
    with in_clinic(north):
        make.patient()
    with in_clinic(south):
        foreign = make.patient(first_name="Foreigner")
    desk = browser("receptionist")
    assert b"Foreigner" not in desk.get(PATIENTS).content
    assert desk.get(f"{PATIENTS}{foreign.pk}/change/").status_code == 302  # "doesn't exist", back to the start
    assert desk.post("/admin/clinic", {"clinic": str(south.pk)}).status_code == 404
    assert b"Foreigner" not in desk.get(PATIENTS).content


def test_a_doctor_sees_the_charts_of_those_they_treat_only(browser: Any, in_north: Any):
    make.patient()
    assert b"Lindqvist" not in browser("doctor").get(PATIENTS).content


def test_who_works_in_two_clinics_chooses(north: Any, south: Any):
    user = make.person()
    for clinic in (north, south):
        grant(user=user, role="receptionist", clinic=clinic)  # type: ignore[arg-type]
    with in_clinic(south):
        make.patient(first_name="Southerner")
    client = Client()
    with on_platform():
        client.force_login(user)
    assert b"Southerner" not in client.get(PATIENTS).content
    assert client.post("/admin/clinic", {"clinic": str(south.pk)}).status_code == 302
    page = client.get(PATIENTS).content.decode()
    assert "Southerner" in page
    assert '<strong id="clinic-name">South Hospital</strong>' in page


def test_the_choice_needs_the_forms_token(browser: Any, north: Any):
    desk = browser("receptionist")
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = desk.cookies
    assert strict.post("/admin/clinic", {"clinic": str(north.pk)}).status_code == 403


def test_a_role_that_ends_is_felt_at_the_next_page(browser: Any, north: Any):
    from accounts.models import Membership

    desk = browser("receptionist")
    assert desk.get(PATIENTS).status_code == 200
    with on_platform():
        Membership.objects.update(ended_at="2026-01-01T00:00Z")
    assert desk.get(PATIENTS).status_code == 302


@pytest.mark.parametrize(
    "path", ["patients/patient/add/", "clinics/clinic/add/", "accounts/user/add/", "trail/clinicauditentry/add/"]
)
def test_nothing_is_added_by_hand(path: str, browser: Any, north: Any):
    assert {browser(role).get(f"/admin/{path}").status_code for role in ("super_admin", "clinic_admin", "auditor")} == {403}


def test_a_password_is_not_changed_here(browser: Any, north: Any):
    assert browser("receptionist").get("/admin/password_change/").status_code == 404


@pytest.mark.parametrize("sought", [{"by": "name", "sought": "mira lin"}, {"by": "phone", "sought": "+91 98123 45678"}])
def test_a_chart_is_found_by_a_form_that_is_sent_and_never_by_an_address(browser: Any, in_north: Any, sought: dict[str, str]):
    patient = make.patient(phone="+919812345678")
    make.patient(first_name="Ravi", last_name="Lindgren")
    desk = browser("receptionist")
    assert b'name="q"' not in desk.get(PATIENTS).content
    assert b"Lindqvist" not in desk.get("/admin/patients/search/", sought).content
    found = desk.post("/admin/patients/search/", sought).content.decode()
    assert f"/admin/patients/patient/{patient.pk}/change/" in found and "Lindqvist" in found and "Lindgren" not in found
    assert browser("auditor").post("/admin/patients/search/", sought).status_code == 403


def test_a_chart_shows_the_sections_of_ones_work_and_what_the_patient_left_open(browser: Any, in_north: Any):
    from patients.models import Allergy, Contact
    from patients.services import consenting

    patient = make.patient()
    Allergy(patient=patient, substance="Penicillin").save()
    Contact(patient=patient, relation="spouse", name="Bertil").save()
    page = f"{PATIENTS}{patient.pk}/change/"
    nurse, desk = browser("nurse"), browser("receptionist")
    shown = {who: client.get(page).content for who, client in (("nurse", nurse), ("desk", desk))}
    assert b"Penicillin" in shown["nurse"] and b"Bertil" in shown["nurse"]
    assert b"Penicillin" not in shown["desk"] and b"Bertil" in shown["desk"]
    by = make.member("nurse", in_north)
    consenting.decide(patient=patient, purpose="treatment", decision="withdrawn", wording="1", by=by)
    assert b"Penicillin" not in nurse.get(page).content


@pytest.mark.parametrize(("role", "path"), [("receptionist", PATIENTS), ("auditor", TRAIL)])
def test_a_list_costs_the_same_for_one_row_and_for_three(role: str, path: str, browser: Any, in_north: Any):
    from healthcare.core.keystore import keys

    client, counts = browser(role), []
    make.patient()
    client.get(path)
    for _ in (1, 2):
        keys.forget()
        with CaptureQueriesContext(connection) as queries:
            assert client.get(path).status_code == 200
        # whose charts were looked at is put on record once for the same ones
        counts.append(len([q for q in queries if "set_config" not in q["sql"] and "audit_entry" not in q["sql"]]))
        make.patient(), make.patient()
    assert counts[0] == counts[1]


def test_the_keys_of_a_page_are_loaded_at_once(browser: Any, in_north: Any):
    from django.db import connections

    from healthcare.core.keystore import keys

    client, counts = browser("receptionist"), []
    for _ in (1, 2):
        make.patient()
        make.patient()
        keys.forget()
        with CaptureQueriesContext(connections["keystore"]) as queries:
            client.get(PATIENTS)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_the_stock_log_stays_closed_to_the_application_and_to_clinics(north: Any):
    for place in (on_platform(), in_clinic(north)):
        with place, pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
            list(LogEntry.objects.all())


def test_a_refusal_in_the_admin_is_on_the_clinics_trail(browser: Any, in_north: Any):
    from monitoring.trail.models import ClinicAuditEntry

    browser("receptionist").get(TRAIL)
    entry = ClinicAuditEntry.objects.get(action="refused")
    assert entry.object_type == "GET admin/trail/clinicauditentry/"


def test_signing_out_ends_it(browser: Any, north: Any):
    desk = browser("receptionist")
    assert desk.post("/admin/logout/").status_code == 200
    assert desk.get("/admin/").status_code == 302


def test_the_sidebar_leads_to_every_page_whichever_schema_it_is_made_in(browser: Any, north: Any):
    for role, path in (("receptionist", PATIENTS), ("super_admin", "/admin/clinics/clinic/")):
        page = browser(role).get(path).content.decode()
        assert 'aria-current="page"' in page
        assert "global schema" not in page


def test_times_are_shown_in_the_clinics_zone(browser: Any, south: Any):
    with in_clinic(south):
        make.patient()
    page = browser("auditor", clinic=south).get(TRAIL).content.decode()
    assert "+05:30" in page


@pytest.mark.parametrize(
    "guess", ["password__startswith=argon2", "email_index=a", "email=a", "last_login__isnull=1", "memberships__role=patient"]
)
def test_a_column_that_a_page_does_not_offer_as_a_filter_answers_no_guesses(browser: Any, guess: str) -> None:
    people = browser("super_admin")
    assert people.get("/admin/accounts/user/?is_active__exact=1").status_code == 200
    assert people.get(f"/admin/accounts/user/?{guess}").status_code == 400


@pytest.mark.parametrize("guess", ["reason__startswith=a", "cancel_reason=a", "booked_by=x", "patient__first_name=a"])
def test_nor_does_a_column_of_a_clinics_own_page(browser: Any, guess: str) -> None:
    desk = browser("receptionist")
    assert desk.get("/admin/appointments/appointment/?state__exact=scheduled&starts_at__year=2026").status_code == 200
    assert desk.get(f"/admin/appointments/appointment/?{guess}").status_code == 400


def test_rows_have_no_page_outside_the_admin(browser: Any) -> None:
    with on_platform():
        kinds = list(ContentType.objects.values_list("pk", flat=True))
    desk = browser("receptionist")
    assert kinds and {desk.get(f"/admin/r/{pk}/{new_id()}/").status_code for pk in kinds} == {404}
