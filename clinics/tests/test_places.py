"""How do a clinic's places come, change and go, and how does a clinic close and open again?"""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appointments.models import Appointment
from clinics.hours import DAY, WEEK, minute_of, overlapping
from clinics.models import Clinic, Location
from clinics.services import places
from clinics.services.closing import reopen_clinic
from clinics.services.ending import close_clinic
from healthcare.core.tenancy import find_clinic, in_clinic
from healthcare.tests import make
from healthcare.tests.client import client

LIST = "/clinics/north/locations"
SITE = {
    "name": "Annex",
    "address": "2 High Street",
    "city": "Berlin",
    "zone": "Europe/Berlin",
    "hours": [{"weekday": 1, "opens": "20:00", "closes": "02:00"}],
    "latitude": "52.520000",
    "longitude": "13.400000",
}
times = st.integers(0, 95).map(lambda quarter: f"{quarter // 4:02}:{quarter % 4 * 15:02}")
entries = st.fixed_dictionaries({"weekday": st.integers(0, 6), "opens": times, "closes": times})


def _minutes(entry):
    first = entry["weekday"] * DAY + minute_of(entry["opens"])
    length = (minute_of(entry["closes"]) - minute_of(entry["opens"])) % DAY or DAY
    return {(first + m) % WEEK for m in range(0, length, 15)}


@given(st.lists(entries, max_size=5))
def test_hours_overlap_exactly_when_two_are_open_at_one_minute(hours):
    shared = any(_minutes(a) & _minutes(b) for i, a in enumerate(hours) for b in hours[:i])
    found = overlapping(hours)
    assert (found is not None) == shared
    if found is not None:
        assert found[0] < found[1] and _minutes(hours[found[0]]) & _minutes(hours[found[1]])


@pytest.mark.django_db
class TestLocations:
    def test_a_place_is_added_read_changed_and_closed(self, api):
        admin = api("clinic_admin")
        made = admin.post(LIST, SITE)
        assert (made.status_code, {k: made.json()[k] for k in SITE}) == (201, SITE)
        one = f"{LIST}/{made.json()['id']}"
        assert api(clinic=None).get(one).json() == made.json()
        assert admin.patch(one, {"city": "Potsdam"}, headers={"If-Match": made["ETag"]}).json()["city"] == "Potsdam"
        assert admin.put(one, SITE, headers={"If-Match": made["ETag"]}).status_code == 412
        assert admin.put(one, SITE).json()["city"] == "Berlin"
        assert admin.delete(one).status_code == 204
        assert api(clinic=None).get(one).status_code == 404
        assert [row["is_active"] for row in admin.get(LIST).json()["results"]] == [False, True]
        assert admin.post(f"{one}/reopen", {}).json()["is_active"] is True

    def test_it_has_the_clinics_zone_unless_it_says_another(self, api):
        assert api("clinic_admin").post(LIST, {"name": "Annex"}).json()["zone"] == "Europe/Berlin"

    @pytest.mark.parametrize(
        ("change", "code"),
        [({"latitude": "1.0"}, "half_a_point"), ({"latitude": "91", "longitude": "0"}, "max_value"), ({"zone": "x"}, "zone")],
    )
    def test_what_is_no_place_is_refused(self, api, change, code):
        answer = api("clinic_admin").post(LIST, {"name": "Annex", **change})
        assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, code)

    def test_a_name_is_given_once_in_a_clinic(self, api):
        admin = api("clinic_admin")
        admin.post(LIST, SITE)
        assert admin.post(LIST, SITE).json()["code"] == "location_name_taken"

    def test_the_last_place_stays(self, api, north):
        only = Location.objects.get(clinic=north)
        answer = api("clinic_admin").delete(f"{LIST}/{only.id}")
        assert (answer.status_code, [r["code"] for r in answer.json()["reasons"]]) == (409, ["last_location"])

    def test_a_place_where_people_work_stays(self, api, north):
        annex = places.add_location(clinic=north, by=None, name="Annex")
        with in_clinic(north):
            make.practitioner(location_id=annex.id)
        answer = api("clinic_admin").delete(f"{LIST}/{annex.id}")
        assert (answer.status_code, [r["code"] for r in answer.json()["reasons"]]) == (409, ["practitioners_there"])

    def test_a_place_of_another_clinic_is_out_of_reach(self, api, member, south):
        other = Location.objects.get(clinic=south)
        admin = api("clinic_admin")
        assert [call(f"{LIST}/{other.id}", {}).status_code for call in (admin.get, admin.patch, admin.delete)] == [404] * 3
        place = f"/clinics/south/locations/{other.id}"
        assert client(member("clinic_admin"), None).patch(place, {"city": "x"}).status_code == 403

    def test_the_list_costs_the_same_for_one_place_as_for_three(self, api, north, django_assert_num_queries):
        nobody = api(clinic=None)
        nobody.get(LIST)
        with django_assert_num_queries(1):
            nobody.get(LIST)
        for name in ("B", "C"):
            Location(clinic=north, name=name, zone="UTC").save()
        with django_assert_num_queries(1):
            assert len(nobody.get(LIST).json()["results"]) == 3


@pytest.mark.django_db
class TestDirectory:
    @pytest.fixture(autouse=True)
    def _known(self, north, south):
        places.add_location(clinic=north, by=None, name="Annex", city="Berlin", latitude="52.52", longitude="13.40")
        places.add_location(clinic=south, by=None, name="Annex", city="Pune", latitude="18.52", longitude="73.86")
        north.specialities = ["Cardiology", "Eyes"]
        north.save()

    @pytest.mark.parametrize(
        ("asked", "found"),
        [
            ("name=nor", ["north"]),
            ("name=orth", []),
            ("name=%25", []),
            ("speciality=cardiology", ["north"]),
            ("speciality=cardio", []),
            ("city=pune", ["south"]),
            ("latitude=52.4&longitude=13.07&within_km=30", ["north"]),  # Potsdam is 25 km from Berlin
            ("latitude=52.4&longitude=13.07&within_km=20", []),
            ("latitude=-90&longitude=0&within_km=500", []),
            ("name=", ["north", "south"]),
        ],
    )
    def test_clinics_are_found_by_what_people_know(self, asked, found):
        answer = client(None, None).get(f"/clinics?{asked}")
        assert (answer.status_code, [c["slug"] for c in answer.json()["results"]]) == (200, found)

    @pytest.mark.parametrize(
        "asked", ["latitude=52", "latitude=x&longitude=1", "latitude=91&longitude=0", "latitude=nan&longitude=0", "state=x"]
    )
    def test_half_a_point_is_refused(self, asked):
        assert client(None, None).get(f"/clinics?{asked}").status_code == 400


@pytest.mark.django_db
class TestClosing:
    def test_a_super_admin_closes_a_clinic_and_opens_it_again(self, member, north):
        boss = client(member("super_admin"), None)
        assert boss.delete("/clinics/north").status_code == 204
        assert client(None, None).get("/clinics/north").status_code == 404
        assert client(member("doctor"), "north").get("/patients").status_code == 404
        assert boss.get("/clinics/north").json()["state"] == "closed"
        assert [c["slug"] for c in boss.get("/clinics?state=closed").json()["results"]] == ["north"]
        assert boss.post("/clinics/north/reopen", {}).json()["state"] == "open"
        assert client(member("doctor"), "north").get("/patients").status_code == 200

    def test_nobody_else_closes_one_or_lists_the_closed(self, member, north):
        for role in ("clinic_admin", "support", "doctor"):
            who = client(member(role), None)
            assert who.delete("/clinics/north").status_code == 403
            assert who.post("/clinics/north/reopen", {}).status_code == 403
        assert client(member("clinic_admin"), None).get("/clinics?state=closed").status_code == 403

    def test_a_clinic_where_people_are_expected_is_not_closed(self, member, north):
        with in_clinic(north):
            doctor = make.practitioner()
            starts = dt.datetime.now(dt.UTC) + dt.timedelta(days=1)
            Appointment(
                kind="consultation", patient=make.patient(), practitioner=doctor, location_id=doctor.location_id,
                starts_at=starts, ends_at=starts + dt.timedelta(minutes=30),
            ).save()  # fmt: skip
        answer = client(member("super_admin"), None).delete("/clinics/north")
        assert (answer.status_code, answer.json()["code"]) == (409, "clinic_in_use")
        assert [r["code"] for r in answer.json()["reasons"]] == ["appointments_ahead"]
        assert find_clinic("north") is not None

    def test_a_clinic_that_is_opening_is_not_closed_and_an_open_one_not_opened(self, member, north):
        boss = client(member("super_admin"), None)
        Clinic(slug="west", name="West").save()
        assert boss.delete("/clinics/west").json()["code"] == "clinic_opening"
        assert boss.post("/clinics/north/reopen", {}).json()["code"] == "clinic_not_closed"

    def test_a_clinic_whose_ending_has_begun_does_not_come_back(self, north):
        from clinics.models import Tombstone
        from clinics.services.ending import EndedAlready

        close_clinic(clinic=north)
        Tombstone(clinic=north, begun_at=dt.datetime.now(dt.UTC), audit_file="x", audit_sha256="0" * 64, audit_rows=0).save()
        with pytest.raises(EndedAlready):
            reopen_clinic(clinic=north, by=None)

    def test_put_wants_the_whole_entry(self, member, north):
        admin = client(member("clinic_admin"), None)
        entry = {k: v for k, v in admin.get("/clinics/north").json().items() if k not in ("id", "slug", "state", "version")}
        assert admin.put("/clinics/north", {**entry, "name": "Northern"}).json()["name"] == "Northern"
        assert admin.put("/clinics/north", {"name": "Northern"}).status_code == 400
