"""What does a clinic's policy open, to whom, and what can it never? Rows, fields, explanations, other clinics."""

import datetime as dt
import itertools

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import admin_rights
from accounts.models import User
from accounts.roles import MAY_BE_OPENED, STAFF_ROLES, TABLE, Reach, Role, may_be_opened, reach
from accounts.signed_in import SignedIn
from appointments.models import Appointment
from appointments.services.booking import book
from clinics.services.changing import change_settings
from healthcare.core.ids import new_id
from healthcare.core.tenancy import find_clinic, in_clinic, on_platform
from healthcare.tests import make
from patients.models import Patient

pytestmark = pytest.mark.django_db
URL = "/clinics/north/settings"
READS = {
    "view",
    "read_contact",
    "read_clinical",
    "read_notes",
    "read_medication",
    "read_documents",
    "read_consents",
    "read_reason",
}


def opens(*permissions, role="doctor"):
    return {"opened": [{"role": role, "permissions": list(permissions)}]}


def open_to(clinic, *permissions, role="doctor"):
    return change_settings(clinic=clinic, by=None, now=timezone.now(), access=opens(*permissions, role=role))


@pytest.fixture
def chart(in_north):
    """Of a patient whom the doctors of these tests do not treat."""
    return make.patient(phone="+4915112345678")


def _user(member):
    with on_platform():
        return User.objects.get(pk=member.user_id)


def treats(member, chart, days=1):
    card = make.practitioner(user=_user(member))
    now = timezone.now()
    at = (now + dt.timedelta(days=days)).replace(hour=9, minute=0, second=0, microsecond=0)
    return book(kind="consultation", patient=chart, practitioner=card, starts_at=at, by=None, now=now)


def listed(client, path="/patients"):
    answer = client.get(path)
    assert answer.status_code == 200, answer.json()
    return answer.json()["results"]


class TestTheTable:
    def test_only_clinical_roles_that_have_it_for_their_own_only_to_read(self):
        for role, permission in may_be_opened():
            everything, own = TABLE[permission]
            assert role in own and role not in everything, (role, permission)
            assert permission.partition(".")[2].startswith(("view", "read_")), permission
        clinical = {Role.DOCTOR, Role.NURSE, Role.THERAPIST, Role.PHARMACIST, Role.LAB_TECHNICIAN, Role.RADIOLOGIST}
        assert {role for role, _ in may_be_opened()} <= clinical

    def test_whatever_a_policy_says_each_cell_is_widened_where_the_table_lets_it_and_nowhere_else(self):
        everything = frozenset((role.value, permission) for role in Role for permission in TABLE)
        for role, permission in itertools.product(Role, TABLE):
            plain = reach(permission, frozenset({role}))
            opened = reach(permission, frozenset({role}), everything)
            assert opened == (Reach.ALL if role in MAY_BE_OPENED.get(permission, ()) else plain), (role, permission)

    def test_what_is_opened_to_one_role_is_not_to_another(self):
        assert reach("patient.view", frozenset({Role.THERAPIST}), frozenset({("doctor", "patient.view")})) == Reach.OWN


class TestWhatIsSeen:
    def test_until_the_clinic_says_so_a_doctor_sees_whom_they_treat(self, api, member, chart):
        doctor = member("doctor")
        assert listed(api(member=doctor)) == []
        assert api(member=doctor).get(f"/patients/{chart.pk}").status_code == 404

    def test_once_it_does_they_see_all_at_once_and_once_it_ends_no_more(self, api, member, chart):
        doctor, admin = api(member=member("doctor")), api("clinic_admin")
        assert listed(doctor) == []
        assert admin.patch(URL, {"access": opens("patient.view", "patient.read_contact")}).status_code == 200
        assert [row["phone"] for row in listed(doctor)] == ["+4915112345678"]
        assert doctor.get(f"/patients/{chart.pk}").status_code == 200
        assert admin.patch(URL, {"access": {"opened": []}}).status_code == 200
        assert listed(doctor) == []

    def test_it_opens_to_the_named_role_only(self, api, chart, north):
        open_to(north, "patient.view")
        assert (len(listed(api("doctor"))), listed(api("therapist"))) == (1, [])

    def test_what_was_not_named_with_the_rows_is_shown_of_ones_own_and_hidden_of_others(self, api, member, chart, north):
        doctor, mine = member("doctor"), make.patient(phone="+4915187654321")
        row = treats(doctor, mine)
        open_to(north, "patient.view")
        shown = {one["id"]: one.get("phone") for one in listed(api(member=doctor))}
        assert shown == {str(mine.pk): "+4915187654321", str(chart.pk): None}
        assert row.pk is not None

    def test_appointments_opened_alone_name_only_ones_own_patients(self, api, member, chart, north):
        doctor, other = member("doctor"), member("doctor")
        own, others = treats(doctor, make.patient()), treats(other, chart)
        client = api(member=doctor)
        assert {one["id"] for one in listed(client, "/appointments")} == {str(own.pk)}
        open_to(north, "appointment.view")
        found = {one["id"]: "patient" in one for one in listed(client, "/appointments")}
        assert found == {str(own.pk): True, str(others.pk): False}

    def test_reading_is_opened_and_writing_is_not(self, api, chart, north):
        open_to(north, "patient.view", "patient.read_clinical")
        doctor = api("doctor")
        assert doctor.get(f"/patients/{chart.pk}/conditions").status_code == 200
        assert doctor.post(f"/patients/{chart.pk}/conditions", {"name": "Asthma"}).status_code == 404

    def test_the_admin_follows_the_same_policy(self, member, chart, north):
        doctor = member("doctor")
        user = _user(doctor)
        seen = lambda: Patient.objects.visible_to(admin_rights.member_in(user, find_clinic("north")), "patient.view").count()  # noqa: E731
        assert seen() == 0
        open_to(north, "patient.view")
        assert seen() == 1

    def test_another_clinics_policy_never_counts(self, api, member, chart, north, south):
        doctor = member("doctor")
        open_to(south, "patient.view")
        assert listed(api(member=doctor)) == []
        both = SignedIn(doctor.user_id, new_id(), ((north.id, Role.DOCTOR), (south.id, Role.DOCTOR)))
        assert both.member_of(north).reach("patient.view") == Reach.OWN
        assert both.member_of(south).reach("patient.view") == Reach.ALL
        only_here = SignedIn(doctor.user_id, new_id(), ((north.id, Role.DOCTOR),))
        assert only_here.member_of(south) is None
        with in_clinic(south):
            assert Patient.objects.visible_to(both.member_of(north), "patient.view").count() == 0

    def test_it_costs_no_query(self, api, member, chart, north, django_assert_num_queries):
        doctor = member("doctor")
        one = SignedIn(doctor.user_id, new_id(), ((north.id, Role.DOCTOR),))
        open_to(north, "patient.view", "patient.read_contact")
        clinic = find_clinic("north")
        with django_assert_num_queries(0):
            assert one.member_of(clinic).reach("patient.view") == Reach.ALL
        counted = []
        for client in (api("nurse"), api(member=doctor)):
            listed(client)
            with CaptureQueriesContext(connection) as seen:
                assert len(listed(client)) == 1
            counted.append(len(seen))
        assert counted[0] == counted[1]  # a doctor to whom all is opened costs what a nurse does, who always sees all

    def test_every_own_row_is_also_among_all(self, member, chart, in_north):
        doctor = member("doctor")
        treats(doctor, chart)
        one = SignedIn(doctor.user_id, new_id(), ((in_north.id, Role.DOCTOR),))
        assert Appointment.objects.visible_to(one.member_of(in_north), "appointment.view").count() == 1
        open_to(in_north, "appointment.view", "patient.view")
        assert Appointment.objects.visible_to(one.member_of(in_north), "appointment.view").count() == 1


class TestSayingIt:
    @pytest.mark.parametrize(
        ("role", "permission", "code"),
        [
            ("patient", "patient.view", "unknown_code"),
            ("auditor", "patient.view", "unknown_code"),
            ("data_analyst", "patient.view", "unknown_code"),
            ("nurse", "patient.view", "unknown_code"),
            ("doctor", "patient.prescribe", "unknown_code"),
            ("doctor", "clinic.manage", "unknown_code"),
            ("radiologist", "patient.read_notes", "never_opened"),
        ],
    )
    def test_what_can_not_be_opened_is_refused(self, api, role, permission, code):
        answer = api("clinic_admin").patch(URL, {"access": opens(permission, role=role)})
        assert (answer.status_code, [one["code"] for one in answer.json()["errors"]]) == (400, [code])

    def test_nobody_but_who_manages_the_clinic_opens_anything(self, api):
        for role in sorted(STAFF_ROLES - {Role.CLINIC_ADMIN, Role.SUPER_ADMIN}):
            assert api(role).patch(URL, {"access": opens("patient.view")}).status_code == 403, role

    def test_a_role_is_named_once_and_what_is_opened_is_a_version_like_any_setting(self, api):
        admin = api("clinic_admin")
        twice = {"opened": [*opens("patient.view")["opened"], *opens("course.view")["opened"]]}
        assert admin.patch(URL, {"access": twice}).json()["errors"][0]["code"] == "twice"
        assert admin.patch(URL, {"access": opens("patient.view", "patient.view")}).json()["access"] == opens("patient.view")
        rows = listed(admin, f"{URL}/history")
        assert [(row["number"], row["document"]["access"]) for row in rows] == [(2, opens("patient.view")), (1, {"opened": []})]
        assert rows[0]["by"] is not None

    def test_a_version_of_before_there_was_a_policy_is_shown_with_nothing_opened(self, api, north):
        open_to(north, "patient.view")
        first = north.settings_versions.get(number=2)
        older = {name: value for name, value in first.document.items() if name != "access"}
        north.settings_versions.model(clinic=north, number=9, document=older, at=timezone.now()).save(force_insert=True)
        assert listed(api("clinic_admin"), f"{URL}/history")[0]["document"]["access"] == {"opened": []}


class TestWhy:
    def asked(self, api, doctor, **more):
        found = api("compliance_officer").get("/authz/explain", {"user": str(doctor.user_id), "action": "patient.view", **more})
        return found.json()["allowed"], {one["code"]: one["known"] for one in found.json()["reasons"]}

    def test_the_policy_is_named_as_the_reason_with_its_version(self, api, member, chart, north):
        doctor = member("doctor")
        open_to(north, "patient.view")
        allowed, reasons = self.asked(api, doctor, object=f"patient:{chart.pk}")
        assert allowed and reasons["clinic_policy"] == {"role": "doctor", "reach": "all", "settings_version": 2}
        assert "not_ones_own" not in reasons
        assert "own_only" not in self.asked(api, doctor)[1]

    def test_without_one_it_is_not(self, api, member, chart, south):
        doctor = member("doctor")
        open_to(south, "patient.view")
        allowed, reasons = self.asked(api, doctor, object=f"patient:{chart.pk}")
        assert not allowed and "clinic_policy" not in reasons
