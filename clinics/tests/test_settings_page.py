"""Can a clinic's administrator change its settings in a browser, and nobody else's?"""

import pytest
from django.test import Client

from accounts.admin_clinic import CHOSEN
from accounts.models import User
from clinics.models import Clinic
from clinics.settings_form import said, shown
from clinics.settings_of import document_of, settings_of
from clinics.settings_shapes import SettingsReplaceInput
from healthcare.tests import make

pytestmark = pytest.mark.django_db
URL = "/admin/clinics/settings/"


def signed_in(role, clinic):
    browser = Client()
    browser.force_login(User.objects.get(pk=make.member(role, clinic).user_id), backend="accounts.authentication.AdminLogin")
    return browser


def form_of(clinic):
    """What a browser would send back, untouched."""
    fields = shown(document_of(clinic))
    form = {name: value for name, value in fields.items() if isinstance(value, (str, int)) and not isinstance(value, bool)}
    form |= {f"hours_{number}": hours for number, _, hours in fields["days"]}
    form |= {name: value for row in fields["kinds"] for name, value, _ in row.cells}
    form |= {f"kind_{row.code}": "on" for row in fields["kinds"] if row.offered}
    form |= {cell[0]: "on" for row in fields["opened"] for cell in row.cells if cell and cell[2]}
    return {**form, **({"every_kind": "on"} if fields["every_kind"] else {}), "version": clinic.settings_version}


def test_what_is_shown_and_sent_back_untouched_changes_nothing(north):
    judged = SettingsReplaceInput(data=said(form_of(north)))
    assert judged.is_valid(), judged.errors
    assert dict(judged.validated_data) == document_of(north)


def test_what_is_ticked_is_opened_to_that_role_and_stays_ticked(north):
    form = form_of(north) | {
        "opened_doctor:patient.view": "on",
        "opened_therapist:course.view": "on",
        "opened_nurse:patient.view": "on",
    }
    assert signed_in("clinic_admin", north).post(URL, form).status_code == 302
    saved = Clinic.objects.get(pk=north.pk)
    assert settings_of(saved).access.opened == {("doctor", "patient.view"), ("therapist", "course.view")}
    assert dict(SettingsReplaceInput(data=said(form_of(saved))).initial_data)["access"] == document_of(saved)["access"]


def test_what_is_filled_in_is_saved(north):
    form = form_of(north) | {"hours_0": "09:00-13:00, 14:00–18:00", "kind_consultation": "on", "kind_consultation_price": "40"}
    form |= {
        "kind_consultation_length_minutes": "20",
        "merge_rule": "arrival",
        "reminders": "60",
        "quiet_from": "21:00",
        "quiet_until": "07:00",
    }
    del form["every_kind"]
    browser = signed_in("clinic_admin", north)
    assert browser.post(URL, form).status_code == 302
    north.refresh_from_db()
    now = settings_of(north)
    assert (now.version, now.for_kind("consultation").length_minutes, len(now.hours), now.queue.merge_rule) == (
        2,
        20,
        2,
        "arrival",
    )
    page = browser.get(URL).content.decode()
    assert "09:00-13:00, 14:00-18:00" in page and "40.00" in page and "hours, kinds, notifications, queue" in page


def test_what_is_wrong_is_named_and_what_was_typed_stays(north):
    answer = signed_in("clinic_admin", north).post(
        URL, form_of(north) | {"zone": "Mars", "hours_2": "9-x", "grace_minutes": "<b>"}
    )
    page = answer.content.decode()
    assert answer.status_code == 400
    assert "zone: Not an IANA time zone." in page and "hours" in page and 'value="Mars"' in page and "<b>" not in page
    assert Clinic.objects.get(pk=north.pk).settings_version == 1


def test_who_was_overtaken_is_told_and_overwrites_nothing(north):
    browser, form = signed_in("clinic_admin", north), form_of(north)
    browser.post(URL, form | {"buffer_minutes": "5"})
    answer = browser.post(URL, form | {"buffer_minutes": "50"}, follow=True)
    assert "Somebody else changed the settings" in answer.content.decode()
    assert Clinic.objects.get(pk=north.pk).terms["buffer_minutes"] == 5


@pytest.mark.parametrize("role", ["doctor", "receptionist", "auditor", "support"])
def test_other_roles_do_not(north, role):
    assert signed_in(role, north).get(URL).status_code == 403
    assert signed_in(role, north).post(URL, form_of(north)).status_code == 403


def test_a_forged_choice_of_another_clinic_changes_ones_own_at_the_most(north, south):
    browser = signed_in("clinic_admin", north)
    session = browser.session
    session[CHOSEN] = str(south.id)
    session.save()
    browser.post(URL, form_of(north) | {"buffer_minutes": "5"})
    south.refresh_from_db()
    assert south.settings_version == 1 and Clinic.objects.get(pk=north.pk).terms["buffer_minutes"] == 5
