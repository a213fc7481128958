"""How does a clinic say how it works, who may, and what is kept of it?"""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import IntegrityError, ProgrammingError, transaction
from django.utils import timezone

from clinics.models import Clinic, SettingsVersion
from clinics.services.changing import change_clinic, change_settings
from clinics.settings_of import EMPTY, KindTerms, document_of, read, settings_of
from healthcare.core.errors import StaleWrite

pytestmark = pytest.mark.django_db
URL = "/clinics/north/settings"
SETTINGS = {
    "zone": "Asia/Kolkata",
    "currency": "INR",
    "language": "hi",
    "languages": ["hi", "en"],
    "kinds": [{"kind": "consultation", "length_minutes": 20, "price": "500.00"}],
    "buffer_minutes": 5,
    "notice_minutes": 30,
    "horizon_days": 60,
    "hours": [{"weekday": 0, "opens": "09:00", "closes": "13:00"}, {"weekday": 0, "opens": "14:00", "closes": "18:00"}],
    "queue": {"merge_rule": "arrival", "grace_minutes": 20},
    "notifications": {"reminders_minutes": [60, 1440], "quiet_from": "21:00", "quiet_until": "08:00"},
    "access": {"opened": [{"role": "doctor", "permissions": ["appointment.view", "patient.view"]}]},
}


class TestReading:
    def test_a_clinic_that_said_nothing_has_its_columns_and_nothing_else(self, api):
        answer = api("clinic_admin").get(URL)
        assert answer.json() == {
            "zone": "Europe/Berlin", "currency": "USD", "language": "en", "languages": [], **EMPTY, "version": 1
        }  # fmt: skip
        assert answer["ETag"] == '"1"'

    @pytest.mark.parametrize(("role", "status"), [("doctor", 200), ("receptionist", 200), ("patient", 403), (None, 401)])
    def test_staff_read_them_and_nobody_else(self, api, role, status):
        assert api(role).get(URL).status_code == status

    def test_staff_of_another_clinic_do_not(self, member, api, south):
        assert api(member=member("clinic_admin", clinic=south), clinic=None).get(URL).status_code == 403
        assert api(member=member("clinic_admin", clinic=south), clinic=None).patch(URL, {"zone": "UTC"}).status_code == 403


class TestChanging:
    def test_what_is_put_is_what_is_read_and_the_engine_reads_it(self, api, north):
        answer = api("clinic_admin").put(URL, SETTINGS)
        assert answer.status_code == 200, answer.json()
        assert api("doctor").get(URL).json() == answer.json()
        north.refresh_from_db()
        now = settings_of(north)
        assert (now.version, now.zone, now.offers("consultation"), now.offers("video")) == (2, "Asia/Kolkata", True, False)
        assert now.for_kind("consultation") == KindTerms(20, Decimal(500), 5, 30, 60)
        assert now.notifications.reminders_minutes == (1440, 60)
        assert (now.notifications.quiet_from, now.queue.merge_rule) == (dt.time(21), "arrival")

    def test_what_was_read_can_be_sent_back_and_is_no_new_version(self, api):
        admin = api("clinic_admin")
        admin.put(URL, SETTINGS)
        seen = admin.get(URL).json()
        assert admin.put(URL, seen).json() == seen
        assert SettingsVersion.objects.count() == 2

    def test_a_part_is_changed_alone(self, api):
        admin = api("clinic_admin")
        before = admin.get(URL).json()
        assert admin.patch(URL, {"horizon_days": 30}).json() == {**before, "horizon_days": 30, "version": 2}

    def test_a_stale_change_is_refused_by_header_or_member(self, api):
        admin = api("clinic_admin")
        seen = admin.get(URL)
        assert admin.patch(URL, {"horizon_days": 30}, headers={"If-Match": seen["ETag"]}).status_code == 200
        assert admin.patch(URL, {"horizon_days": 31}, headers={"If-Match": seen["ETag"]}).status_code == 412
        assert admin.patch(URL, {"horizon_days": 31, "version": 1}).status_code == 412
        assert admin.get(URL).json()["horizon_days"] == 30

    def test_of_two_who_read_the_same_the_second_is_told(self, north):
        first, second = (Clinic.objects.get(pk=north.pk) for _ in range(2))
        change_settings(clinic=first, by=None, now=timezone.now(), horizon_days=10)
        with pytest.raises(StaleWrite), transaction.atomic():
            change_settings(clinic=second, by=None, now=timezone.now(), horizon_days=11)

    def test_a_doctor_does_not_change_them(self, api):
        assert api("doctor").patch(URL, {"horizon_days": 1}).status_code == 403

    @pytest.mark.parametrize(
        ("change", "field", "code"),
        [
            ({"zone": "Mars/Base"}, "zone", "zone"),
            ({"currency": "usd"}, "currency", "invalid"),
            ({"kinds": [{"kind": "levitation"}]}, "kinds", "unknown_code"),
            ({"kinds": [{"kind": "consultation"}, {"kind": "consultation"}]}, "kinds", "twice"),
            ({"kinds": [{"kind": "consultation", "price": "-1"}]}, "kinds", "min_value"),
            ({"kinds": [{"kind": "consultation", "length_minutes": 0}]}, "kinds", "min_value"),
            ({"queue": {"merge_rule": "by_shoe_size"}}, "queue", "unknown_code"),
            ({"notifications": {"reminders_minutes": [60], "quiet_from": "21:00"}}, "notifications", "half_a_night"),
            ({"hours": [{"weekday": 7, "opens": "09:00", "closes": "10:00"}]}, "hours", "max_value"),
            ({"hours": [{"weekday": 0, "opens": "9", "closes": "10:00"}]}, "hours", "invalid"),
            (
                {
                    "hours": [
                        {"weekday": 6, "opens": "20:00", "closes": "04:00"},
                        {"weekday": 0, "opens": "03:00", "closes": "05:00"},
                    ]
                },
                "hours",
                "overlap",
            ),
            ({"hour": []}, "hour", "unknown"),
            ({"Priya Nair": []}, "", "unknown"),  # whatever it is, it is not repeated
        ],
    )
    def test_what_can_not_be_is_refused_by_name(self, api, change, field, code):
        answer = api("clinic_admin").patch(URL, change)
        assert answer.status_code == 400
        assert [(e["field"].split(".")[0], e["code"]) for e in answer.json()["errors"]] == [(field, code)]

    def test_put_wants_every_member(self, api):
        answer = api("clinic_admin").put(URL, {k: v for k, v in SETTINGS.items() if k != "kinds"})
        assert [(e["field"], e["code"]) for e in answer.json()["errors"]] == [("kinds", "required")]


class TestHistory:
    def test_every_version_is_kept_with_who_and_when(self, api, north):
        admin = api("clinic_admin")
        admin.patch(URL, {"horizon_days": 30})
        admin.patch(URL, {"zone": "UTC"})
        rows = admin.get(f"{URL}/history").json()["results"]
        assert [(row["number"], row["document"]["horizon_days"], row["document"]["zone"]) for row in rows] == [
            (3, 30, "UTC"), (2, 30, "Europe/Berlin"), (1, None, "Europe/Berlin")
        ]  # fmt: skip
        assert rows[0]["by"] == rows[1]["by"] is not None and rows[2]["by"] is None
        assert api("doctor").get(f"{URL}/history").status_code == 403

    def test_a_zone_changed_in_the_directory_is_a_version_too_and_a_name_is_none(self, north):
        now = timezone.now()
        change_clinic(clinic=north, by=None, now=now, name="Northern")
        assert SettingsVersion.objects.count() == 0
        change_clinic(clinic=north, by=None, now=now, zone="UTC")
        assert [row.document["zone"] for row in SettingsVersion.objects.order_by("number")] == ["Europe/Berlin", "UTC"]

    def test_a_clinic_restored_to_an_older_state_goes_on_after_its_newest_version(self, north):
        now = timezone.now()
        for days in (10, 20, 30):
            change_settings(clinic=north, by=None, now=now, horizon_days=days)
        north.settings_version = 2
        north.save()
        change_settings(clinic=north, by=None, now=now, horizon_days=40)
        assert north.settings_version == 5

    def test_the_database_keeps_each_number_once_and_lets_nobody_rewrite_one(self, north):
        made = SettingsVersion(clinic=north, number=2, document={}, at=timezone.now())
        made.save(force_insert=True)
        with pytest.raises(IntegrityError, match="settings_version_number_once"), transaction.atomic():
            SettingsVersion(clinic=north, number=2, document={}, at=timezone.now()).save(force_insert=True)
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            SettingsVersion.objects.filter(pk=made.pk).update(document={"zone": "UTC"})

    def test_it_costs_the_same_for_one_version_as_for_three(self, api, north, django_assert_max_num_queries):
        admin = api("clinic_admin")
        admin.patch(URL, {"horizon_days": 30})
        admin.get(f"{URL}/history")
        with django_assert_max_num_queries(2):
            admin.get(f"{URL}/history")
        for days in (31, 32, 33):
            admin.patch(URL, {"horizon_days": days})
        admin.get(f"{URL}/history")
        with django_assert_max_num_queries(2):
            assert len(admin.get(f"{URL}/history").json()["results"]) == 5


def test_a_document_reads_back_as_the_settings_it_was_made_from(north):
    assert read(document_of(north), north.settings_version) == settings_of(north)
