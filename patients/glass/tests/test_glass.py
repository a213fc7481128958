"""Does a chart open to who has a reason, for minutes, one chart, with everybody told and every look on record?"""

import datetime as dt
import json

import pytest
from django.db import IntegrityError, OperationalError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from psycopg.types.range import TimestamptzRange

from accounts import signed_in
from accounts.membership import Member
from accounts.models import Session
from accounts.roles import OPENED_BY_GLASS, TABLE, Role, reach
from healthcare.core.context import acting, acting_as
from healthcare.core.models import EventRecord
from healthcare.core.tenancy import current_clinic, in_clinic, on_platform
from healthcare.tests import make
from monitoring import reviews
from monitoring.trail.models import ClinicAuditEntry
from notifications.models import Notification
from patients.glass import services
from patients.glass.models import Opening
from patients.glass.services import open_chart, remind, review
from patients.models import Patient
from patients.services.consenting import decide

pytestmark = pytest.mark.django_db
WHY = "Unconscious in the waiting room, no relative reached."
OPENERS = [role for role in Role if reach("glass.open", frozenset({role})) is not None]


@pytest.fixture
def chart(in_north):
    return make.patient()


@pytest.fixture
def doctor(api):
    return api("doctor")


def opened(client, chart, **more):
    answer = client.post("/break-glass", {"patient": str(chart.pk), "reason": WHY, **more})
    assert answer.status_code == 201, answer.json()
    return answer.json()


def looks_recorded(opening_id):
    with on_platform():
        rows = EventRecord.objects.filter(name="OpenedChartRead")
        return (rows.filter(payload__opening_id=opening_id) if opening_id else rows).count()


def test_a_chart_outside_ones_rights_opens_with_a_reason_and_closes_by_itself(doctor, chart):
    assert doctor.get(f"/patients/{chart.pk}").status_code == 404
    made = opened(doctor, chart)
    assert doctor.get(f"/patients/{chart.pk}").status_code == 200
    lasts = dt.datetime.fromisoformat(made["ends_at"]) - dt.datetime.fromisoformat(made["opened_at"])
    assert lasts == dt.timedelta(minutes=30)
    ago = timezone.now() - dt.timedelta(hours=1)
    Opening.objects.filter(pk=made["id"]).update(during=TimestamptzRange(ago, ago + dt.timedelta(minutes=30)))
    assert doctor.get(f"/patients/{chart.pk}").status_code == 404


def test_only_the_one_chart_opens_and_only_to_the_one_person(doctor, api, chart, in_north):
    other = make.patient()
    opened(doctor, chart)
    assert doctor.get(f"/patients/{other.pk}").status_code == 404
    assert api("doctor").get(f"/patients/{chart.pk}").status_code == 404


def test_it_is_found_by_its_whole_mrn(doctor, chart):
    answer = doctor.post("/break-glass", {"mrn": chart.mrn.lower(), "reason": WHY})
    assert (answer.status_code, answer.json()["patient"]) == (201, str(chart.pk))
    assert doctor.post("/break-glass", {"mrn": "XXXX-XXXX", "reason": WHY}).status_code == 404


def test_without_a_reason_it_stays_closed(doctor, chart):
    for reason in ("", "need it", None):
        assert doctor.post("/break-glass", {"patient": str(chart.pk), "reason": reason}).status_code == 400
    assert not Opening.objects.exists()


def test_it_wants_a_proof_of_who_opens_it(doctor, chart):
    with on_platform():
        Session.objects.filter(user=doctor.member.user_id).update(proven_at=timezone.now() - dt.timedelta(hours=1))
    signed_in.forget()
    answer = doctor.post("/break-glass", {"patient": str(chart.pk), "reason": WHY})
    assert (answer.status_code, answer.json()["code"]) == (403, "step_up_required")


@pytest.mark.parametrize("role", [role for role in Role if role not in OPENERS])
def test_who_treats_nobody_opens_nothing(api, chart, role):
    assert api(role).post("/break-glass", {"patient": str(chart.pk), "reason": WHY}).status_code == 403


def test_it_opens_rows_not_sections_that_the_role_does_not_read(api, chart):
    technician = api("lab_technician")
    opened(technician, chart)
    assert technician.get(f"/patients/{chart.pk}").status_code == 200
    assert technician.get(f"/patients/{chart.pk}/notes").status_code == 403


def test_it_opens_nothing_to_write(doctor, chart):
    opened(doctor, chart)
    answer = doctor.post(f"/patients/{chart.pk}/notes", {"text": "x"})
    assert answer.status_code == 404
    assert all(not p.rpartition(".")[2].startswith(("write", "enter", "change", "run", "prescribe")) for p in OPENED_BY_GLASS)
    assert set(TABLE) >= OPENED_BY_GLASS


def test_a_chart_of_another_clinic_is_not_there(doctor, south):
    with in_clinic(south):
        theirs = make.patient()
    assert doctor.post("/break-glass", {"patient": str(theirs.pk), "reason": WHY}).status_code == 404


def test_one_is_open_at_a_time_and_can_be_closed_early(doctor, chart):
    first = opened(doctor, chart)
    again = doctor.post("/break-glass", {"patient": str(chart.pk), "reason": WHY})
    assert (again.status_code, again.json()["code"]) == (409, "already_open")
    assert doctor.post(f"/break-glass/{first['id']}/close").json()["is_open"] is False
    assert doctor.get(f"/patients/{chart.pk}").status_code == 404
    assert doctor.post(f"/break-glass/{first['id']}/close").json()["code"] == "not_open"


def test_the_compliance_officer_and_the_patient_are_told(doctor, api, in_north):
    officer, patient = api("compliance_officer"), api("patient")
    chart = Patient.objects.get(user=patient.member.user_id)
    opened(doctor, chart)
    told = {(row.message, row.user_id, row.patient_id) for row in Notification.objects.all()}
    assert ("chart_opened", None, chart.pk) in told
    assert ("review_owed", officer.member.user_id, None) in told
    assert [row["message"] for row in patient.get("/notifications").json()["results"]] == ["chart_opened"]


def test_every_look_is_on_the_trail_with_its_purpose(doctor, chart):
    made = opened(doctor, chart)
    for _ in range(2):
        doctor.get(f"/patients/{chart.pk}")
    looks = ClinicAuditEntry.objects.filter(action="access", object_id=str(chart.pk), actor=doctor.member.user_id)
    assert {look.purpose for look in looks} == {f"break_glass:{made['id']}"}
    assert looks_recorded(made["id"]) == 2


def test_a_look_at_ones_own_patient_is_no_emergency(api, in_north):
    nurse, chart = api("nurse"), make.patient()
    nurse.get(f"/patients/{chart.pk}")
    assert looks_recorded(None) == 0


def test_what_the_patient_withheld_is_read_in_an_emergency_and_not_otherwise(api, chart, in_north):
    nurse = api("nurse")
    by = Member(nurse.member.user_id, in_north.id, frozenset({Role.NURSE}))
    decide(patient=chart, purpose="treatment", decision="withdrawn", wording="1", by=by)
    assert nurse.get(f"/patients/{chart.pk}/notes").json()["code"] == "consent_withheld"
    opened(nurse, chart)
    assert nurse.get(f"/patients/{chart.pk}/notes").status_code == 200


# -- reviews ---------------------------------------------------------------------------------------------------------------


def test_a_review_is_closed_once_with_a_finding(doctor, api, chart):
    made, officer = opened(doctor, chart), api("compliance_officer")
    assert [row["id"] for row in officer.get("/break-glass", {"review": "open"}).json()["results"]] == [made["id"]]
    done = officer.post(f"/break-glass/{made['id']}/review", {"finding": "justified", "remark": "Admitted at once."}).json()
    assert (done["review"], done["finding"], done["reviewed_by"]) == ("closed", "justified", str(officer.member.user_id))
    again = officer.post(f"/break-glass/{made['id']}/review", {"finding": "unjustified"})
    assert (again.status_code, again.json()["code"]) == (409, "review_closed")
    assert officer.get("/break-glass", {"review": "open"}).json()["results"] == []


def test_nobody_reviews_what_they_opened_themselves(chart, in_north):
    both = Member(make.person().pk, in_north.id, frozenset({Role.DOCTOR, Role.COMPLIANCE_OFFICER}))
    row = open_chart(patient=chart, reason=WHY, by=both, now=timezone.now())
    with pytest.raises(services.NotOnesOwn):
        review(opening=row, finding="justified", remark="", by=both, now=timezone.now())


def test_who_opens_sees_their_own_openings_alone_and_reviews_none(doctor, api, chart, in_north):
    mine = opened(doctor, chart)
    theirs = opened(api("nurse"), make.patient())
    assert [row["id"] for row in doctor.get("/break-glass").json()["results"]] == [mine["id"]]
    assert doctor.get(f"/break-glass/{theirs['id']}").status_code == 404
    assert doctor.post(f"/break-glass/{mine['id']}/review", {"finding": "justified"}).status_code == 403


def test_a_review_that_nobody_closes_is_overdue_and_asked_for_again(doctor, api, chart, in_north):
    made, officer = opened(doctor, chart), api("compliance_officer")
    long_ago = timezone.now() - dt.timedelta(hours=73)
    Opening.objects.filter(pk=made["id"]).update(during=TimestamptzRange(long_ago, long_ago + dt.timedelta(minutes=30)))
    assert [row["review"] for row in officer.get("/break-glass", {"review": "overdue"}).json()["results"]] == ["overdue"]
    assert remind(now=timezone.now()) == 1
    assert figures(api) == (1, 1)
    assert Notification.objects.filter(message="review_owed", user_id=officer.member.user_id).exists()
    officer.post(f"/break-glass/{made['id']}/review", {"finding": "unclear"})
    assert remind(now=timezone.now()) == 0
    reviews.overdue.cache_clear()
    assert figures(api) == (0, 0)


def figures(api):
    """How many are overdue, as operators and Prometheus read it."""
    detail = api("system_admin", clinic=None).get("/health/detailed").json()
    scraped = api(clinic=None).get("/metrics").content.decode()
    (line,) = (line for line in scraped.splitlines() if line.startswith("break_glass_reviews_overdue "))
    assert "north" not in json.dumps(detail["reviews"])
    return detail["reviews"]["break_glass_overdue"], int(float(line.partition(" ")[2]))


def test_a_clinic_that_can_not_be_read_leaves_the_figure_out_and_the_rest_stays(api, in_north, monkeypatch):
    def lost(now):
        raise OperationalError

    monkeypatch.setattr(Opening.objects, "overdue", lost)
    answer = api("system_admin", clinic=None).get("/health/detailed")
    assert (answer.status_code, answer.json()["reviews"]) == (200, {"break_glass_overdue": None})
    assert "break_glass_reviews_overdue" not in api(clinic=None).get("/metrics").content.decode()
    assert current_clinic() == in_north


def test_a_list_costs_the_same_for_one_and_for_three(api, doctor, in_north):
    officer = api("compliance_officer")

    def cost():
        with CaptureQueriesContext(connection) as queries:
            assert officer.get("/break-glass").status_code == 200
        return len(queries)

    by = Member(doctor.member.user_id, in_north.id, frozenset({Role.DOCTOR}))
    open_chart(patient=make.patient(), reason=WHY, by=by, now=timezone.now())
    cost(), (before := cost())
    open_chart(patient=make.patient(), reason=WHY, by=by, now=timezone.now())
    open_chart(patient=make.patient(), reason=WHY, by=by, now=timezone.now())
    cost()  # the first look at a row is put on record
    assert cost() == before


# -- what is never untrue --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("constraint", "wrong"),
    [
        ("opening_one_at_a_time", {"minutes": (10, 40)}),
        ("opening_review_whole", {"minutes": (60, 90), "finding": "justified"}),
        ("opening_reviewed_by_another", {"minutes": (60, 90), "own_review": True}),
        ("opening_ends", {"minutes": (60, 60)}),
    ],
)
def test_the_table_keeps_its_truths(chart, constraint, wrong):
    user, now = make.person(), timezone.now()

    def row(minutes, own_review=False, **known):
        lower, upper = (now + dt.timedelta(minutes=m) for m in minutes)
        if own_review:
            known |= {"finding": "justified", "reviewed_at": now, "reviewed_by": user.pk}
        return Opening(user=user, patient=chart, reason=WHY, during=TimestamptzRange(lower, upper), **known)

    row((0, 30)).save(force_insert=True)
    row((30, 60)).save(force_insert=True)  # the next may begin when the former ends
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        row(**wrong).save(force_insert=True)


def test_the_purpose_does_not_outlive_the_request(doctor, chart):
    opened(doctor, chart)
    with acting_as():
        doctor.get(f"/patients/{chart.pk}")
    assert acting().purpose == ""
