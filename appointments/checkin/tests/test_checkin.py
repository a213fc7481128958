"""Does every way of arriving lead to the one verb, and can none be forged, guessed or used twice?"""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from accounts.services import displays
from appointments.checkin.models import Arrival, Kiosk, Pass
from appointments.checkin.services import passes, places
from appointments.checkin.services.places import NotHere, Position, TooInaccurate
from appointments.models import Appointment
from appointments.queue.tests import make as visits
from clinics.models import Location
from healthcare.core.ids import new_id
from healthcare.core.tenancy import in_clinic, on_platform
from healthcare.tests import make
from patients.models import Patient

pytestmark = pytest.mark.django_db
Api = Callable[..., Any]
BORN = dt.date(1984, 5, 6)


class Screen:
    """A paired screen of a clinic, allowed to be a kiosk unless said otherwise."""

    def __init__(self, clinic: Any, client: Any, *, is_kiosk: bool = True) -> None:
        made = displays.announce(now=timezone.now())
        displays.approve(
            code=made.display.code, name="Hall", clinic=clinic, by=make.person().id, session_id=new_id(), now=timezone.now()
        )  # fmt: skip
        self.id, self.secret, self.client = made.display.id, made.secret, client
        if is_kiosk:
            with in_clinic(clinic):
                Kiosk(display_id=self.id, allowed_by=new_id(), allowed_at=timezone.now()).save()

    def post(self, **asked: Any) -> Any:
        headers = {"Authorization": f"Display {self.secret}"}
        return self.client.post(f"/displays/{self.id}/check-in", asked, headers=headers, content_type="application/json")


@pytest.fixture
def kiosk(in_north: Any, client: Any) -> Screen:
    return Screen(in_north, client)


@pytest.fixture
def person(member: Any, in_north: Any) -> Any:
    return member("patient", date_of_birth=BORN)


@pytest.fixture
def row(person: Any) -> Appointment:
    chart = Patient.objects.get(user=person.user_id)
    chart.date_of_birth = BORN
    chart.save()
    return visits.appointment(make.practitioner(room="Room 4"), starts_in=20, patient=chart)


def issued(api: Api, person: Any, row: Any) -> dict[str, Any]:
    told = api(member=person).post(f"/appointments/{row.id}/check-in/pass")
    assert told.status_code == 201, told.data
    found: dict[str, Any] = told.json()
    return found


def test_a_pass_at_the_kiosk_gives_a_number_and_says_no_name(api: Api, kiosk: Screen, person: Any, row: Any) -> None:
    given = issued(api, person, row)
    assert given["svg"].startswith("<svg")
    told = kiosk.post(token=given["token"])
    assert (told.status_code, told.json()["state"], told.json()["token"]["number"], told.json()["desk"]) == (
        200, "waiting", "A-001", "Room 4",
    )  # fmt: skip
    assert [
        w for w in (row.patient.first_name, row.patient.mrn, str(row.patient_id), str(row.id)) if w in told.content.decode()
    ] == []
    assert Arrival.objects.get().way == "pass_at_kiosk"


def test_a_pass_works_once(api: Api, kiosk: Screen, person: Any, row: Any) -> None:
    token = issued(api, person, row)["token"]
    assert [kiosk.post(token=token).status_code for _ in range(2)] == [200, 404]


def test_the_short_code_works_however_it_is_typed(api: Api, kiosk: Screen, person: Any, row: Any) -> None:
    code = issued(api, person, row)["code"]
    assert kiosk.post(code=f"{code[:4].lower()} - {code[4:]}").status_code == 200


def test_a_new_pass_voids_the_former(api: Api, kiosk: Screen, person: Any, row: Any) -> None:
    first, second = (issued(api, person, row)["token"] for _ in range(2))
    assert [kiosk.post(token=first).status_code, kiosk.post(token=second).status_code] == [404, 200]


def test_a_pass_runs_out(in_north: Any, row: Any) -> None:
    given = passes.issue(appointment=row, now=timezone.now())
    with pytest.raises(passes.BadPass):
        passes.show(token=given.token, way=Arrival.Way.PASS_AT_DESK, now=given.expires_at)


def test_forged_changed_and_another_clinics_passes_are_answered_alike(
    api: Api, kiosk: Screen, person: Any, row: Any, south: Any, client: Any
) -> None:
    token = issued(api, person, row)["token"]
    secret, _, signature = token.partition(".")
    with in_clinic(south):
        theirs = passes._signer().sign(secret)  # signed by the right product, for another clinic
    forged = [secret, f"{secret}.", f"x{token}", token[:-1], f"{secret}.{signature[::-1]}", theirs, "\U0001f600", "." * 199]
    told = [kiosk.post(token=one) for one in forged]
    assert {(t.status_code, t.json()["code"]) for t in told} == {(404, "bad_pass")}
    assert Screen(south, client).post(token=token).status_code == 404
    assert kiosk.post(token=token).status_code == 200


def test_too_early_says_so_and_leaves_the_pass_good(api: Api, kiosk: Screen, person: Any, row: Any) -> None:
    later = timezone.now() + dt.timedelta(hours=3)
    Appointment.objects.filter(pk=row.pk).update(starts_at=later, ends_at=later + dt.timedelta(minutes=10))
    token = issued(api, person, row)["token"]
    assert kiosk.post(token=token).json()["code"] == "too_early"
    assert Pass.objects.count() == 1


def test_a_pass_is_for_ones_own_appointment_and_the_desk_may_scan_it(api: Api, person: Any, row: Any) -> None:
    assert api("patient").post(f"/appointments/{row.id}/check-in/pass").status_code == 404
    token = issued(api, person, row)["token"]
    assert api(member=person).post("/appointments/check-in/scan", {"token": token}).status_code == 403
    told = api("receptionist").post("/appointments/check-in/scan", {"token": token})
    assert (told.status_code, told.json()["id"], told.json()["token"]["number"]) == (200, str(row.id), "A-001")


def test_number_and_year_of_birth_find_the_appointment_of_today(kiosk: Screen, row: Any) -> None:
    assert kiosk.post(mrn=row.patient.mrn, birth_year=1984).status_code == 200
    assert Arrival.objects.get().way == "number_at_kiosk"


def test_a_wrong_number_a_wrong_year_and_no_appointment_are_answered_alike(kiosk: Screen, row: Any) -> None:
    other = make.patient(date_of_birth=BORN)
    told = [
        kiosk.post(mrn=row.patient.mrn, birth_year=1985), kiosk.post(mrn="nobody", birth_year=1984),
        kiosk.post(mrn=other.mrn, birth_year=1984), kiosk.post(mrn=make.patient().mrn, birth_year=1984),
    ]  # fmt: skip
    plain = [{**t.json(), "request_id": ""} for t in told]
    assert plain == [plain[0]] * 4
    assert plain[0]["code"] == "no_such_visit"


def test_years_of_one_chart_can_not_be_tried_through(kiosk: Screen, row: Any) -> None:
    told = [kiosk.post(mrn=row.patient.mrn, birth_year=year).status_code for year in range(1978, 1985)]
    assert told == [404] * 5 + [429] * 2


def test_a_kiosk_that_is_hammered_is_told_to_wait(kiosk: Screen) -> None:
    told = [kiosk.post(code=f"CODE{n:04}").status_code for n in range(31)]
    assert told == [404] * 30 + [429]


def test_a_screen_is_no_kiosk_until_staff_allow_it(api: Api, in_north: Any, client: Any, row: Any) -> None:
    screen, desk = Screen(in_north, client, is_kiosk=False), api("receptionist")
    ask = {"mrn": row.patient.mrn, "birth_year": 1984}
    assert screen.post(**ask).status_code == 403
    for _ in range(2):
        assert desk.put(f"/displays/{screen.id}/check-in", {"allowed": True}).json()["allowed"] is True
    assert screen.post(**{**ask, "birth_year": 1900}).status_code == 404
    desk.put(f"/displays/{screen.id}/check-in", {"allowed": False})
    assert screen.post(**ask).status_code == 403


def test_another_clinics_screen_can_not_be_allowed(api: Api, south: Any, client: Any, in_north: Any) -> None:
    theirs = Screen(south, client, is_kiosk=False)
    assert api("receptionist").put(f"/displays/{theirs.id}/check-in", {"allowed": True}).status_code == 404
    assert api("doctor").put(f"/displays/{theirs.id}/check-in", {"allowed": True}).status_code == 403


@pytest.mark.parametrize(
    "asked",
    [{}, {"token": "x", "code": "y"}, {"mrn": "1"}, {"birth_year": 1984}, {"mrn": [], "birth_year": "x"}, {"token": ""}],
)
def test_a_kiosks_bad_input_is_told(kiosk: Screen, asked: dict[str, Any]) -> None:
    assert kiosk.post(**asked).status_code == 400


# -- by place
@pytest.fixture
def mapped(row: Any) -> Any:
    with on_platform():
        Location.objects.filter(pk=row.location_id).update(latitude="52.520000", longitude="13.405000")
    return row


def here(api: Api, person: Any, row: Any, **place: float) -> Any:
    return api(member=person).post(f"/appointments/{row.id}/check-in/here", {"accuracy": 10, **place})


def test_who_is_at_the_clinic_checks_in_by_place(api: Api, person: Any, mapped: Any) -> None:
    told = here(api, person, mapped, latitude=52.5203, longitude=13.4053)
    assert (told.status_code, told.json()["state"]) == (200, "waiting")


def test_who_is_elsewhere_or_does_not_know_where_is_not_here(api: Api, person: Any, mapped: Any) -> None:
    assert here(api, person, mapped, latitude=52.53, longitude=13.405).json()["code"] == "not_here"
    assert here(api, person, mapped, latitude=52.52, longitude=13.405, accuracy=3000).json()["code"] == "too_inaccurate"
    assert here(api, person, mapped, latitude=91, longitude=13.405).status_code == 400
    assert here(api, person, mapped, latitude=52.52, longitude=13.405, accuracy=-5).status_code == 400
    assert not Arrival.objects.exists()


def test_a_clinic_that_is_not_on_the_map_says_so(api: Api, person: Any, row: Any) -> None:
    assert here(api, person, row, latitude=52.52, longitude=13.405).json()["code"] == "no_place_known"


def test_nobody_checks_another_in_by_place(api: Api, mapped: Any) -> None:
    assert here(api, api("patient").member, mapped, latitude=52.52, longitude=13.405).status_code == 404


@given(st.floats(0, 5000), st.floats(0, 5000), st.floats(10, 1000))
def test_a_guess_is_never_taken_for_a_fact(distance: float, accuracy: float, radius: float) -> None:
    """Let in: wherever within its accuracy the phone is, it is inside; sent away: wherever it is, it is outside."""
    nearest, farthest = distance - accuracy, distance + accuracy
    try:
        places.judge(distance, accuracy, radius)
        assert farthest <= radius
    except NotHere:
        assert nearest > radius
    except TooInaccurate:
        assert nearest <= radius < farthest


def test_a_degree_of_latitude_is_a_hundred_and_eleven_kilometres_also_across_the_date_line() -> None:
    assert places.metres(Position(0, 0, 0), 1, 0) == pytest.approx(111_195, abs=10)
    assert places.metres(Position(0, 179.9995, 0), 0, -179.9995) == pytest.approx(111.2, abs=0.1)


def test_the_database_refuses_what_the_constraints_say(in_north: Any, row: Any) -> None:
    passes.issue(appointment=row, now=timezone.now())
    known = {"appointment": row, "expires_at": timezone.now()}
    with pytest.raises(IntegrityError, match="pass_one_of_an_appointment"), transaction.atomic():
        Pass(digest=b"1", code_digest=b"2", **known).save()
    with pytest.raises(IntegrityError, match="arrival_at_kiosk_names_it"), transaction.atomic():
        Arrival(appointment=row, way="code_at_kiosk", at=timezone.now()).save()
    Arrival(appointment=row, way="place", at=timezone.now()).save()
    Kiosk(display_id=row.id, allowed_by=row.id, allowed_at=timezone.now()).save()
    with pytest.raises(IntegrityError, match="kiosk_display_once"), transaction.atomic():
        Kiosk(display_id=row.id, allowed_by=row.id, allowed_at=timezone.now()).save()
