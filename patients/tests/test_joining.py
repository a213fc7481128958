"""Are two charts of one person found, joined with all they hold, and parted again?"""

import datetime as dt

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from appointments.models import Appointment, Claim
from appointments.services.booking import book
from appointments.waitlist.models import Wish
from healthcare.probe.operations import SECTIONS as EXAMPLES
from healthcare.tests import make
from notifications.models import Preference
from patients import references
from patients.glass.models import Opening
from patients.models import Merge, Patient
from patients.section_views import SHAPES
from patients.sections import SECTIONS
from patients.services import consenting

pytestmark = pytest.mark.django_db
ASHA = {"first_name": "Asha", "last_name": "Rao", "date_of_birth": "1990-02-28", "phone": "+919812345678"}


@pytest.mark.parametrize(
    ("other", "reasons"),
    [
        ({**ASHA, "first_name": "ASHÁ"}, {"same_name", "same_date_of_birth", "same_phone"}),
        ({**ASHA, "phone": "+919800000000"}, {"same_name", "same_date_of_birth"}),
        ({"first_name": "A.", "date_of_birth": "1990-02-28", "phone": "+91 98123 45678"}, {"same_date_of_birth", "same_phone"}),
    ],
)
def test_a_likely_duplicate_is_told_before_it_is_made(api, in_north, other, reasons):
    desk = api("receptionist")
    first = desk.post("/patients", ASHA).json()
    again = desk.post("/patients", other)
    assert (again.status_code, again.json()["code"]) == (409, "likely_duplicate")
    assert {r["code"] for r in again.json()["reasons"]} == reasons
    (candidate,) = again.json()["alternatives"]
    assert (candidate["patient"], candidate["mrn"]) == (first["id"], first["mrn"])
    assert "Asha" not in again.content.decode() and "Rao" not in again.content.decode()
    made = desk.post("/patients", {**other, "not_a_duplicate": "her twin"})
    assert made.status_code == 201


@pytest.mark.parametrize(
    "other",
    [
        {"first_name": "Ravi", "last_name": "Rao", "date_of_birth": "1960-01-01", "phone": "+919812345678"},
        {"first_name": "Asha", "last_name": "Rao", "date_of_birth": "2001-05-05"},
        {"first_name": "Meera", "last_name": "Iyer", "date_of_birth": "1990-02-28"},
    ],
)
def test_a_household_a_namesake_and_a_shared_birthday_are_no_duplicates(api, in_north, other):
    desk = api("receptionist")
    desk.post("/patients", ASHA)
    assert desk.post("/patients", other).status_code == 201


@pytest.fixture
def two(in_north, member):
    return make.patient(first_name="Asha"), make.patient(first_name="Aasha", last_name="Rao")


def fill(patient, by):
    for name in SHAPES:
        said = {k: v for k, v in EXAMPLES[name][2].items() if not str(v).startswith("@")}
        SECTIONS[name].model(patient=patient, **said).save()
    consenting.decide(patient=patient, purpose="sensitive", decision="given", wording="1", by=by)
    doctor = make.practitioner()
    at = (timezone.now() + dt.timedelta(days=1)).replace(minute=0, second=0, microsecond=0)
    return book(
        kind="consultation", patient=patient, practitioner=doctor, starts_at=at, by=None, now=timezone.now(), reason="fever"
    )


def test_everything_follows_is_readable_and_goes_back(api, two):
    source, target = two
    desk = api("receptionist")
    appointment = fill(source, desk.member)
    made = desk.post(f"/patients/{target.id}/merges", {"source": str(source.id), "reason": "the same passport"})
    assert made.status_code == 201, made.json()
    assert desk.get(f"/patients/{source.id}").json()["merged_into"] == str(target.id)
    assert [p["id"] for p in desk.get("/patients").json()["results"]] == [str(target.id)]
    assert desk.post("/patients/search", {"name": "asha"}).json()["results"] == []
    for name in SHAPES:
        (row,) = SECTIONS[name].model.objects.of(target)
        assert all(getattr(row, f.attname) is not ... for f in row._meta.concrete_fields)
    moved = Appointment.objects.get(pk=appointment.pk)
    assert (moved.patient_id, moved.reason) == (target.id, "fever")
    assert Claim.objects.filter(resource="patient").values_list("resource_id", flat=True).get() == target.id
    assert desk.post(f"/patients/{source.id}/contacts", {"relation": "other"}).json()["code"] == "chart_closed"
    undo = f"/patients/{target.id}/merges/{made.json()['id']}/undo"
    assert desk.post(undo, {}).status_code == 200
    assert desk.post(undo, {}).json()["code"] == "already_undone"
    for name in SHAPES:
        assert SECTIONS[name].model.objects.of(source).count() == 1 and not SECTIONS[name].model.objects.of(target).exists()
    assert Claim.objects.filter(resource="patient").values_list("resource_id", flat=True).get() == source.id
    assert Appointment.objects.get(pk=appointment.pk).reason == "fever"
    assert desk.post("/patients/search", {"name": "asha"}).json()["results"][0]["id"] == str(source.id)


def test_two_appointments_at_one_time_stop_a_merge_and_nothing_moved(api, two):
    source, target = two
    desk = api("receptionist")
    fill(source, desk.member)
    fill_again = Appointment.objects.get(patient=source)
    other = make.practitioner()
    at = fill_again.starts_at
    book(kind="consultation", patient=target, practitioner=other, starts_at=at, by=None, now=timezone.now())
    answer = desk.post(f"/patients/{target.id}/merges", {"source": str(source.id), "reason": "x"})
    assert (answer.status_code, answer.json()["code"]) == (409, "appointments_overlap")
    assert not Merge.objects.exists() and Appointment.objects.filter(patient=source).count() == 1


def test_what_a_chart_has_once_stays_where_the_other_has_it_too(api, two):
    source, target = two
    desk, now = api("receptionist"), timezone.now()
    day = {"kind": "dental", "from_on": now.date(), "until_on": now.date(), "joined_at": now}
    for chart in two:
        Wish(patient=chart, **day).save()
        Preference(patient=chart).save()
        Opening(user_id=desk.member.user_id, patient=chart, reason="x", during=(now, now + dt.timedelta(minutes=5))).save()
    Wish(patient=source, **{**day, "kind": "imaging"}).save()
    answer = desk.post(f"/patients/{target.id}/merges", {"source": str(source.id), "reason": "x"})
    assert answer.status_code == 201, answer.json()
    assert set(Wish.objects.values_list("patient", "kind", "state")) == {
        (target.id, "dental", "waiting"), (target.id, "imaging", "waiting"), (source.id, "dental", "left"),
    }  # fmt: skip
    assert {Preference.objects.get(patient=chart).patient_id for chart in two} == {source.id, target.id}
    assert {row.patient_id for row in Opening.objects.all()} == {source.id, target.id}
    undone = desk.post(f"/patients/{target.id}/merges/{answer.json()['id']}/undo", {})
    assert (undone.status_code, Wish.objects.get(kind="imaging").patient_id) == (200, source.id)


def test_every_reference_to_a_chart_follows_it():
    named = {f"{model._meta.label}.{column}" for model, column in references.referring()}
    assert {"appointments.Appointment.patient", "queue.Token.patient", "notifications.Notification.patient"} <= named
    assert {f"{s.model._meta.label}.patient" for s in SECTIONS.values()} <= named


def test_an_account_is_linked_to_an_old_chart_by_its_proven_contact_only(api, in_north, member):
    desk, who = (
        api("receptionist"),
        api(
            "patient",
        ),
    )
    own = Patient.objects.get(user=who.member.user_id)
    stranger, old = make.patient(phone="+919811111111"), make.patient(first_name="Noor", email=own.email, not_a_duplicate="old")
    refused = desk.post(f"/patients/{stranger.id}/link", {"account": str(own.id)})
    assert refused.json()["code"] == "contact_not_proven"
    linked = desk.post(f"/patients/{old.id}/link", {"account": str(own.id)})
    assert linked.status_code == 200, linked.json()
    assert [p["id"] for p in who.get("/patients").json()["results"]] == [str(old.id)]


def test_charts_of_two_accounts_and_a_chart_with_itself_are_not_merged(api, in_north, member):
    desk = api("receptionist")
    one, other = (Patient.objects.get(user=member("patient").user_id) for _ in range(2))
    said = {"reason": "x"}
    assert desk.post(f"/patients/{one.id}/merges", {"source": str(other.id), **said}).json()["code"] == "both_have_accounts"
    assert desk.post(f"/patients/{one.id}/merges", {"source": str(one.id), **said}).json()["code"] == "same_chart"


def test_the_database_refuses_a_merge_with_itself_and_a_second_one_of_a_chart(two):
    source, target = two
    with pytest.raises(IntegrityError, match="merge_of_two"), transaction.atomic():
        Merge(source=source, target=source, reason="x").save()
    Merge(source=source, target=target, reason="x").save()
    with pytest.raises(IntegrityError, match="merge_source_once"), transaction.atomic():
        Merge(source=source, target=target, reason="x").save()
